import { purgeIdempotency } from '@samen/pg-kit'
import { expireConsents } from '../consent/expire-consents.ts'
import { forgetMessages } from '../consent/forget-messages.ts'
import type { Deps } from '../deps.ts'
import { forgetRequests } from '../request/forget-requests.ts'
import { forgetResults } from '../result/forget-results.ts'

/**
 * Ends the consents that are past their last day, and deletes what nobody may read any more, app by app: results at once, requests after
 * an hour, ids of messages after fifteen minutes, answers that were kept under an Idempotency-Key after a day.
 */
export async function purgeOldRows(deps: Deps): Promise<void> {
  for (const app of await deps.apps.all()) {
    await expireConsents(deps, app)
    await forgetResults(deps, app)
    await forgetRequests(deps, app)
    await forgetMessages(deps, app)
    await purgeIdempotency(deps.db.forTenant(app.slug), { tenant: app.slug, now: deps.now() })
  }
}
