import { createHeldLists, type HeldList, type HeldLists, type ListRoom } from './held-lists.ts'
import { readStatusListToken, type StatusList, type StatusListPolicy } from './read-status-list-token.ts'
import { statusAt } from './status-bits.ts'
import { StatusListError } from './status-list-error.ts'

/** What the cache works with. */
export type StatusListCacheDeps = ListRoom & {
  /** Gets the body at an address, for a list of that owner; never asked twice at once for one address. */
  readonly fetchToken: (uri: string, owner: string) => Promise<string>
  readonly keyFor: StatusListPolicy['keyFor']
  readonly now: () => Date
  /** A list is not asked for again sooner than half of this, whatever `ttl` or `exp` its publisher names. */
  readonly minTtlSeconds: number
  /** However long a publisher says that its list holds, it is believed no longer than this after it was asked for. */
  readonly maxLifetimeSeconds: number
}

export type StatusListCache = {
  /**
   * The status at a place in a list of this owner. Only a list never seen is fetched for it: from then on the timer does that, so that
   * no question makes a connection. Rejects with what `fetchToken` threw, or with `StatusListError`: `untrusted_key` for a list of
   * another owner, `expired` when the one held has come to its end, `too_many_lists` for one more than its owner has room for.
   */
  statusOf(owner: string, uri: string, idx: number): Promise<number>
  /** Fetches one list now. Rejects as `statusOf` does; what was held stays. */
  refresh(owner: string, uri: string): Promise<void>
  /** For a timer of few seconds: fetches every list that is past half its time to live. One that fails stays as it is, to its end. */
  refreshDue(): Promise<void>
  /** Drops a list, as if it had never been seen. */
  forget(uri: string): void
  /** When the list held for this address stops, or has stopped, to be relied on; undefined when there is none. */
  liveUntil(uri: string): Date | undefined
}

/** TSL#security-ttl. A publisher's `ttl` is a wish: it may neither make us ask all the time (`minTtlSeconds`) nor never again. */
const MAX_TTL_SECONDS = 43_200

/**
 * Status lists, whole and inflated, so that a look-up tells nobody which credential it was about. TSL#expiry-and-caching
 *
 * `ttl` says when to ask again, `exp` when to stop believing. A change is seen within the `ttl`, since a list is asked for again at half
 * of it; a publisher that is away is believed to the end it signed and no further. Stopping at the `ttl` would let a school that
 * restarts its node stop every app, and win nothing against a publisher that does not want to answer: it signs what it likes.
 */
export function createStatusListCache(deps: StatusListCacheDeps): StatusListCache {
  const held = createHeldLists(deps)
  const flights = new Map<string, Promise<HeldList>>()

  const load = (owner: string, uri: string): Promise<HeldList> => {
    const flight = flights.get(uri) ?? fetchList(deps, owner, uri, held).finally(() => flights.delete(uri))
    flights.set(uri, flight)
    return flight
  }
  const isDue = ([uri, { dueAt }]: readonly [string, HeldList]) => dueAt <= deps.now().getTime() && !flights.has(uri)

  return {
    async statusOf(owner, uri, idx) {
      const { list, liveUntil } = held.use(uri) ?? (await load(owner, uri))
      if (list.owner !== owner) throw new StatusListError('untrusted_key')
      if (deps.now().getTime() >= liveUntil) throw new StatusListError('expired')
      return statusAt(list, idx)
    },
    refresh: async (owner, uri) => void (await load(owner, uri)),
    async refreshDue() {
      await Promise.allSettled([...held.all()].filter(isDue).map(([uri, { list }]) => load(list.owner, uri)))
    },
    forget: held.drop,
    liveUntil: (uri) => {
      const known = held.get(uri)
      return known && new Date(known.liveUntil)
    },
  }
}

async function fetchList(deps: StatusListCacheDeps, owner: string, uri: string, held: HeldLists): Promise<HeldList> {
  held.assertRoom(owner, uri)
  const askedAt = deps.now().getTime()
  const token = await deps.fetchToken(uri, owner)
  const list = readStatusListToken(token, { uri, keyFor: deps.keyFor, now: deps.now() })
  // TSL#validation-rules. A member whose address is the beginning of another's must not speak for it.
  if (list.owner !== owner) throw new StatusListError('untrusted_key')
  const entry = newer(held.get(uri), hold(list, askedAt, deps))
  if (deps.now().getTime() >= entry.liveUntil) throw new StatusListError('expired')
  held.put(uri, entry)
  return entry
}

/** An older signed list, replayed or from a slow copy, never replaces a newer one: a withdrawal would be undone. */
function newer(known: HeldList | undefined, fetched: HeldList): HeldList {
  if (known === undefined || known.list.issuedAt <= fetched.list.issuedAt) return fetched
  return { ...known, dueAt: Math.max(known.dueAt, fetched.dueAt) }
}

/**
 * A list is relied on for as long as its publisher gave it, counted from when it was asked for, and never past `exp` or our own bound: a
 * publisher whose clock is ahead does not stretch a lease of seconds.
 */
function hold(
  list: StatusList,
  askedAt: number,
  { maxLifetimeSeconds, minTtlSeconds }: Pick<StatusListCacheDeps, 'maxLifetimeSeconds' | 'minTtlSeconds'>,
): HeldList {
  const lifetime = Math.min(list.expiresAt.getTime() - list.issuedAt.getTime(), maxLifetimeSeconds * 1000)
  const liveUntil = Math.min(list.expiresAt.getTime(), askedAt + lifetime)
  const ttl = Math.min(Math.max(list.ttlSeconds ?? MAX_TTL_SECONDS, minTtlSeconds), MAX_TTL_SECONDS)
  const half = Math.min(ttl * 500, (liveUntil - askedAt) / 2)
  return { list, liveUntil, dueAt: askedAt + Math.max(half, minTtlSeconds * 500) }
}
