import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { endAllTokens, forgetOldProofs, forgetOldTokens } from './token.sql.ts'

/** Ends every access token of a school. */
export async function endAllTokensOf(tx: Tx, slug: string): Promise<void> {
  await endAllTokens(tx, slug)
}

/**
 * What may be used once is remembered a minute longer than it is good for: another process, whose clock is a little behind ours,
 * may still take it.
 */
export const SPENT_KEPT_MS = 60_000

/** Forgets tokens and DPoP proofs that every process would refuse for their age; for a timer. */
export async function forgetOldTokensOfAll(deps: Deps): Promise<void> {
  await visitSchools(deps, 'forget-tokens', async (slug) => {
    const db = deps.db.forTenant(slug)
    const before = new Date(deps.now().getTime() - SPENT_KEPT_MS)
    await forgetOldTokens(db, slug, before)
    await forgetOldProofs(db, slug, before)
  })
}
