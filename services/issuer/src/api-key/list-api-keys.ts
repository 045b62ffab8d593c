import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readKeys } from './api-key.sql.ts'

/** The keys of a school that work, oldest first: what they may do, never the keys. */
export async function listApiKeys(deps: Deps, { slug }: School) {
  const rows = await readKeys(deps.db.forTenant(slug), slug)
  return { api_keys: rows.map(({ id, scopes, created_at: at }) => ({ id, scopes, created_at: at.toISOString() })) }
}
