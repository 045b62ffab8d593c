import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { endAllTokens, forgetOldTokens } from './token.sql.ts'

/** Ends every access token of a school. */
export async function endAllTokensOf(tx: Tx, slug: string): Promise<void> {
  await endAllTokens(tx, slug)
}

/** Forgets tokens and DPoP proofs that would be refused for their age anyway; for a timer. */
export async function forgetOldTokensOfAll(deps: Deps): Promise<void> {
  await visitSchools(deps, 'forget-tokens', (slug) => forgetOldTokens(deps.db.forTenant(slug), slug, deps.now()))
}
