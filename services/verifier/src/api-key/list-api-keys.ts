import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { readKeys } from './api-key.sql.ts'

/** The keys of an app that work, oldest first: their ids, never the keys. */
export async function listApiKeys(deps: Deps, app: AppTenant) {
  const rows = await readKeys(deps.db.forTenant(app.slug), app.slug)
  return { api_keys: rows.map(({ id, created_at: at }) => ({ id, created_at: at.toISOString() })) }
}
