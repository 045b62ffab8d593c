import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { purgeRequests } from './request.sql.ts'

const KEPT_MS = 3_600_000

/** Deletes requests, answered or not, an hour after their time is over; until then the app can still read their state. */
export async function forgetRequests(deps: Deps, app: AppTenant): Promise<void> {
  await purgeRequests(deps.db.forTenant(app.slug), app.slug, new Date(deps.now().getTime() - KEPT_MS))
}
