import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { purgeReceived } from './consent.sql.ts'

/** A message older than five minutes is refused for its age, so its id need not be kept much longer. */
const KEPT_MS = 900_000

/** Forgets ids of messages that are refused for their age by now. */
export async function forgetMessages(deps: Deps, app: AppTenant): Promise<void> {
  await purgeReceived(deps.db.forTenant(app.slug), app.slug, new Date(deps.now().getTime() - KEPT_MS))
}
