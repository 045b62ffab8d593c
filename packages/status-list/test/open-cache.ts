import { createStatusListCache } from '../src/status-list-cache.ts'
import { forgeList, keyFor, lstOf, NOW, SCHOOL, URI } from './forge-list.ts'

type Claims = Record<string, unknown>

/** A publisher, a clock and a cache between them. `reply` decides what the next fetch gets. */
export function openCache(
  claims: Claims | Error = {},
  limits: {
    maxBytes?: number
    maxBytesPerOwner?: number
    maxListsPerOwner?: number
    maxLifetimeSeconds?: number
    minTtlSeconds?: number
  } = {},
) {
  const state = { now: NOW, fetched: [] as string[], dropped: [] as string[], reply: claims }
  const cache = createStatusListCache({
    now: () => state.now,
    keyFor,
    maxBytes: 100,
    maxBytesPerOwner: 100,
    maxListsPerOwner: 100,
    onDropped: (owner) => void state.dropped.push(owner),
    maxLifetimeSeconds: 30 * 86_400,
    minTtlSeconds: 1,
    ...limits,
    fetchToken: async (uri) => {
      state.fetched.push(uri)
      await new Promise((resolve) => setImmediate(resolve))
      if (state.reply instanceof Error) throw state.reply
      return forgeList({
        claims: {
          sub: uri,
          iat: secondsOf(state.now),
          exp: secondsOf(state.now) + 3600,
          ...flagged(15),
          ...state.reply,
        },
      })
    },
  })
  const pass = (seconds: number) => {
    state.now = new Date(state.now.getTime() + seconds * 1000)
  }
  const statusOf = (idx: number, uri = URI) => cache.statusOf(SCHOOL, uri, idx)
  const refresh = (uri = URI) => cache.refresh(SCHOOL, uri)
  return { cache, state, pass, statusOf, refresh }
}
const secondsOf = (time: Date) => Math.floor(time.getTime() / 1000)
export const flagged = (idx: number) => {
  const bytes = Buffer.alloc(2)
  bytes[idx >> 3] = 1 << (idx % 8)
  return { status_list: { bits: 1, lst: lstOf(bytes) } }
}
