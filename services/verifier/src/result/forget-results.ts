import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { purgeResults } from './result.sql.ts'

/** Deletes results that nobody read in time. */
export async function forgetResults(deps: Deps, app: AppTenant): Promise<void> {
  await purgeResults(deps.db.forTenant(app.slug), app.slug, deps.now())
}
