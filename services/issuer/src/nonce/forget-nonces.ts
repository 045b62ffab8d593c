import type { Deps } from '../deps.ts'
import { forgetOldNonces } from './nonce.sql.ts'

/** Forgets spent nonces that would be refused for their age anyway; for a timer. */
export async function forgetSpentNonces(deps: Deps): Promise<void> {
  for (const { slug } of await deps.schools.all()) await forgetOldNonces(deps.db.forTenant(slug), slug, deps.now())
}
