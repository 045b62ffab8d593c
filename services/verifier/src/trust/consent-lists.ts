import type { Db } from '@samen/pg-kit'
import type { AppTenants } from '../app-tenant/app-tenant.ts'
import { listUrisOf } from '../consent/list-uris.ts'
import type { TimedLists } from './status-lists.ts'

/** The registries' lists of live consents, each good for one lease of seconds. */
export interface ConsentLists {
  /** From now on this list is refreshed on the timer. */
  watch(uri: string): void
  /** Whether the place is live under a running lease. A list never seen before is fetched once; one whose lease ran out is not. */
  isLive(uri: string, index: number): Promise<boolean>
  /** Fetches every watched list anew. */
  refresh(): Promise<void>
  /** Watches the lists of every receipt of this node, those that other processes took included, and no others. */
  findAll(): Promise<void>
}

const LIVE = 0

/**
 * Withdrawal works within one lease because nothing here is believed past it, and because a lapsed list is not fetched for the sake of a
 * presentation: the registry would learn of it, and a registry that is away would be no reason to say yes (security rule 24).
 */
export function createConsentLists(deps: { db: Db; apps: AppTenants; lists: TimedLists }): ConsentLists {
  const { lists } = deps
  let watched = new Set<string>()
  const refresh = async () => {
    await Promise.all([...watched].map((uri) => lists.refresh(uri).catch(keepUntilItsLeaseEnds)))
  }
  return {
    watch: (uri) => void watched.add(uri),
    refresh,
    async isLive(uri, index) {
      watched.add(uri)
      try {
        return (await lists.statusOf(uri, index)) === LIVE
      } catch {
        // No list, or one that does not hold: no consent. The timer tries again.
        return false
      }
    },
    async findAll() {
      watched = new Set(await listUrisOf(deps.db, await deps.apps.all()))
      await Promise.all(
        [...watched]
          .filter((uri) => lists.liveUntil(uri) === undefined)
          .map((uri) => lists.refresh(uri).catch(keepUntilItsLeaseEnds)),
      )
    },
  }
}

/** A failed refresh changes nothing: the list stays good to the end of its lease and is refused after it. */
function keepUntilItsLeaseEnds(): void {}
