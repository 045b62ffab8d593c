import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { listParties } from './agreement.sql.ts'

/** Entity ids of those to whom credentials of this school speak under a pseudonym of their own. Sorted, without doubles. */
export interface Audiences {
  readonly apps: readonly string[]
  readonly registries: readonly string[]
}

/** The apps with an agreement in force today, and the registries that hold these agreements. */
export async function readAudiences(deps: Deps, school: School): Promise<Audiences> {
  const today = deps.now().toISOString().slice(0, 10)
  const parties = await listParties(deps.db.forTenant(school.slug), school.slug, today)
  return {
    apps: [...new Set(parties.map(({ app }) => app))],
    registries: [...new Set(parties.map(({ registry }) => registry))],
  }
}
