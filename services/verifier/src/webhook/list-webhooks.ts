import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { readWebhooks } from './webhook.sql.ts'

/** The addresses of an app, oldest first, without their secrets. */
export async function listWebhooks(deps: Deps, app: AppTenant) {
  const rows = await readWebhooks(deps.db.forTenant(app.slug), app.slug)
  return { webhooks: rows.map(({ id, url, created_at: at }) => ({ id, url, created_at: at.toISOString() })) }
}
