import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { endAllTokens, forgetOldTokens } from './token.sql.ts'

/** Ends every access token of a school. */
export async function endAllTokensOf(tx: Tx, school: School): Promise<void> {
  await endAllTokens(tx, school.slug)
}

/** Forgets tokens and DPoP proofs that would be refused for their age anyway; for a timer. */
export async function forgetOldTokensOfAll(deps: Deps): Promise<void> {
  for (const { slug } of await deps.schools.all()) await forgetOldTokens(deps.db.forTenant(slug), slug, deps.now())
}
