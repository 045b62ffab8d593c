import type { Deps } from '../deps.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { SPENT_KEPT_MS } from '../token/end-tokens.ts'
import { forgetOldNonces } from './nonce.sql.ts'

/** Forgets spent nonces that every process would refuse for their age; for a timer. */
export async function forgetSpentNonces(deps: Deps): Promise<void> {
  await visitSchools(deps, 'forget-nonces', async (slug) => {
    await forgetOldNonces(deps.db.forTenant(slug), slug, new Date(deps.now().getTime() - SPENT_KEPT_MS))
  })
}
