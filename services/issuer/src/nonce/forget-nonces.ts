import type { Deps } from '../deps.ts'
import { visitSchools } from '../school/visit-schools.ts'
import { forgetOldNonces } from './nonce.sql.ts'

/** Forgets spent nonces that would be refused for their age anyway; for a timer. */
export async function forgetSpentNonces(deps: Deps): Promise<void> {
  await visitSchools(deps, 'forget-nonces', async (slug) => {
    await forgetOldNonces(deps.db.forTenant(slug), slug, deps.now())
  })
}
