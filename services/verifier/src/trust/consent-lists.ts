import type { MemberLists } from '@samen/credential-trust'
import type { Db } from '@samen/pg-kit'
import type { AppTenants } from '../app-tenant/app-tenant.ts'
import { consentListsOf } from '../consent/consent-lists-of.ts'

/** The registries' lists of live consents, each good for one lease of seconds. */
export interface ConsentLists {
  /** From now on this list of this registry is refreshed on the timer. */
  watch(registry: string, uri: string): void
  /** Whether the place is live under a running lease. A list never seen before is fetched once; one whose lease ran out is not. */
  isLive(registry: string, uri: string, index: number): Promise<boolean>
  /** Fetches every watched list anew. */
  refresh(): Promise<void>
  /** Watches the lists of every receipt of this node, those that other processes took included, and no others. */
  findAll(): Promise<void>
}

const LIVE = 0

/**
 * Withdrawal works within one lease because nothing here is believed past it, and because a lapsed list is not fetched for the sake of a
 * presentation: the registry would learn of it, and a registry that is away would be no reason to say yes.
 */
export function createConsentLists(deps: { db: Db; apps: AppTenants; lists: MemberLists }): ConsentLists {
  const { lists } = deps
  let watched: ReadonlyMap<string, string> = new Map()
  const watch = (registry: string, uri: string) => {
    if (watched.get(uri) !== registry) watched = new Map([...watched, [uri, registry]])
  }
  const fetchThose = async (wanted: (uri: string) => boolean) => {
    const chosen = [...watched].filter(([uri]) => wanted(uri))
    // A failed refresh changes nothing: the list stays good to the end of its lease and is refused after it.
    await Promise.allSettled(chosen.map(([uri, registry]) => lists.refresh(registry, uri)))
  }
  return {
    watch,
    refresh: () => fetchThose(() => true),
    async isLive(registry, uri, index) {
      watch(registry, uri)
      try {
        return (await lists.statusOf(registry, uri, index)) === LIVE
      } catch {
        // No list, or one that does not hold: no consent. The timer tries again.
        return false
      }
    },
    async findAll() {
      const before = watched
      const found = await consentListsOf(deps.db, await deps.apps.all())
      const meanwhile = [...watched].filter(([uri]) => !before.has(uri))
      watched = new Map([...found, ...meanwhile])
      // One that nobody refreshes would lapse, and refuse the next consent in it until the timer comes round.
      for (const uri of before.keys()) if (!watched.has(uri)) lists.forget(uri)
      await fetchThose((uri) => lists.liveUntil(uri) === undefined)
    },
  }
}
