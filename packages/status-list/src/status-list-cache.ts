import type { KeyObject } from 'node:crypto'
import type { JsonObject } from '@samen/strict-json'
import { readStatusListToken, type StatusList } from './read-status-list-token.ts'
import { statusAt } from './status-bits.ts'
import { StatusListError } from './status-list-error.ts'

/** What the cache works with. `fetchToken` gets the address and gives the body; it is never asked twice at once for one address. */
export type StatusListCacheDeps = {
  readonly fetchToken: (uri: string) => Promise<string>
  readonly keyFor: (header: JsonObject, payload: JsonObject) => KeyObject
  readonly now: () => Date
  /** Beyond so many lists the one that was asked for longest ago goes. */
  readonly maxLists: number
}

export type StatusListCache = {
  /**
   * The status at a place. The list is fetched when there is none or its time to live is over; when that fails, the one held is used
   * until it expires, and never after. Rejects with what `fetchToken` threw, or with `StatusListError`.
   */
  statusOf(uri: string, idx: number): Promise<number>
  /** Fetches one list now. Rejects as `statusOf` does; what was held stays. */
  refresh(uri: string): Promise<void>
  /** Fetches every list held. A list that fails stays as it is, to its end. */
  refreshAll(): Promise<void>
  /** When the list held for this address stops, or has stopped, to be relied on; undefined when there is none. */
  liveUntil(uri: string): Date | undefined
}

type HeldList = { readonly list: StatusList; freshUntil: number; readonly liveUntil: number }

/** TSL#security-ttl. A publisher's `ttl` is a wish: it may neither make us ask all the time nor never again. */
const MIN_TTL_SECONDS = 1
const MAX_TTL_SECONDS = 43_200

/** Status lists, whole and inflated, so that a look-up tells nobody which credential it was about. TSL#expiry-and-caching */
export function createStatusListCache(deps: StatusListCacheDeps): StatusListCache {
  const held = new Map<string, HeldList>()
  const flights = new Map<string, Promise<HeldList>>()

  const load = (uri: string): Promise<HeldList> => {
    const flight = flights.get(uri) ?? fetchList(deps, uri, held).finally(() => flights.delete(uri))
    flights.set(uri, flight)
    return flight
  }

  const statusOf = async (uri: string, idx: number): Promise<number> => {
    const known = touch(held, uri)
    const isFresh = known !== undefined && deps.now().getTime() < known.freshUntil
    const { list } = isFresh ? known : await loadOrKeep(deps, known, () => load(uri))
    return statusAt(list, idx)
  }

  return {
    statusOf,
    refresh: async (uri) => void (await load(uri)),
    refreshAll: async () => void (await Promise.allSettled([...held.keys()].map(load))),
    liveUntil: (uri) => {
      const known = held.get(uri)
      return known && new Date(known.liveUntil)
    },
  }
}

async function loadOrKeep(
  deps: StatusListCacheDeps,
  known: HeldList | undefined,
  load: () => Promise<HeldList>,
): Promise<HeldList> {
  try {
    return await load()
  } catch (error) {
    // Past its end a list is no answer, and no answer is no yes.
    if (known === undefined || deps.now().getTime() >= known.liveUntil) throw error
    return known
  }
}

async function fetchList(deps: StatusListCacheDeps, uri: string, held: Map<string, HeldList>): Promise<HeldList> {
  const askedAt = deps.now().getTime()
  const token = await deps.fetchToken(uri)
  const list = readStatusListToken(token, { uri, keyFor: deps.keyFor, now: deps.now() })
  const known = held.get(uri)
  if (known !== undefined && isNewer(known, list)) {
    // An older signed list, replayed or from a slow copy, never replaces a newer one: a withdrawal would be undone.
    known.freshUntil = Math.max(known.freshUntil, Math.min(askedAt + MIN_TTL_SECONDS * 1000, known.liveUntil))
    return assertLive(known, deps)
  }
  const entry = hold(list, askedAt)
  held.delete(uri)
  held.set(uri, entry)
  dropOldest(held, deps.maxLists)
  return assertLive(entry, deps)
}

const isNewer = (known: HeldList, list: StatusList): boolean => known.list.issuedAt > list.issuedAt

function assertLive(entry: HeldList, deps: StatusListCacheDeps): HeldList {
  if (deps.now().getTime() < entry.liveUntil) return entry
  throw new StatusListError('expired')
}

/**
 * A list is relied on for as long as its publisher gave it, counted from when it was asked for and never past `exp`: a publisher whose
 * clock is ahead does not stretch a lease of seconds.
 */
function hold(list: StatusList, askedAt: number): HeldList {
  const lifetime = list.expiresAt.getTime() - list.issuedAt.getTime()
  const liveUntil = Math.min(list.expiresAt.getTime(), askedAt + lifetime)
  const ttl = Math.min(Math.max(list.ttlSeconds ?? MAX_TTL_SECONDS, MIN_TTL_SECONDS), MAX_TTL_SECONDS)
  return { list, liveUntil, freshUntil: Math.min(askedAt + ttl * 1000, liveUntil) }
}

/** Maps keep the order of insertion: what is used moves to the end. */
function touch(held: Map<string, HeldList>, uri: string): HeldList | undefined {
  const known = held.get(uri)
  if (known === undefined) return undefined
  held.delete(uri)
  held.set(uri, known)
  return known
}

function dropOldest(held: Map<string, HeldList>, maxLists: number): void {
  const [oldest] = held.keys()
  if (held.size > maxLists && oldest !== undefined) held.delete(oldest)
}
