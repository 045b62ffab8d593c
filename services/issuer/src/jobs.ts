import { purgeQuotas } from '@samen/pg-kit'
import { deliverAgreement } from './agreement/deliver-agreement.ts'
import { revokeUndelivered } from './credential/revoke-credential.ts'
import type { Deps } from './deps.ts'
import { createMembershipPull } from './membership/pull-membership.ts'
import { forgetSpentNonces } from './nonce/forget-nonces.ts'
import { forgetOldOffers } from './offer/end-offers.ts'
import { AGREEMENTS_AT_ONCE, DELIVER_AGREEMENT } from './queues.ts'
import { forgetOldRecords } from './retention/forget-old-records.ts'
import { jumpFenceAfterRestore } from './status/jump-fence.ts'
import { LOOK_FOR_CHANGES_SECONDS } from './status/status-lists.ts'
import { forgetOldTokensOfAll } from './token/end-tokens.ts'

/** No quota of this service counts for longer. */
const LONGEST_QUOTA_WINDOW_MS = 3_600_000

/** Starts every worker and every timer of one process, by name; `deps.jobs.stop` ends them. */
export async function startJobs(deps: Deps): Promise<void> {
  deps.jobs.work<{ tenant: string; id: string }>(DELIVER_AGREEMENT.name, AGREEMENTS_AT_ONCE, ({ data }) =>
    deliverAgreement(deps, data),
  )
  await jumpFenceAfterRestore(deps)
  await revokeUndelivered(deps, 'atStart')
  await deps.statusLists.refreshAll()
  deps.jobs.every('pull-memberships', 1, createMembershipPull(deps))
  deps.jobs.every('refresh-trust', 60, () => deps.resolver.refresh())
  deps.jobs.every('publish-status-lists', LOOK_FOR_CHANGES_SECONDS, () => deps.statusLists.refreshAll())
  deps.jobs.every('revoke-undelivered', 2, async () => {
    await revokeUndelivered(deps, 'later')
  })
  // What an older database answers until this has looked, nobody can take back: so it looks often.
  deps.jobs.every('jump-fence', 2, async () => {
    await jumpFenceAfterRestore(deps)
  })
  deps.jobs.every('forget-offers', 30, () => forgetOldOffers(deps))
  deps.jobs.every('forget-tokens', 30, () => forgetOldTokensOfAll(deps))
  deps.jobs.every('forget-nonces', 30, () => forgetSpentNonces(deps))
  deps.jobs.every('forget-old-records', 3_600, () => forgetOldRecords(deps))
  deps.jobs.every('forget-quotas', 600, async () => {
    await purgeQuotas(deps.db, { before: new Date(deps.now().getTime() - LONGEST_QUOTA_WINDOW_MS) })
  })
}
