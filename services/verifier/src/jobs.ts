import { purgeQuotas } from '@samen/pg-kit'
import type { Deps } from './deps.ts'
import { createMembershipPull } from './membership/pull-membership.ts'
import type { MessageJob } from './outgoing/queue-message.ts'
import { sendMessage } from './outgoing/send-message.ts'
import { purgeOldRows } from './purge/purge-old-rows.ts'
import { MESSAGE_QUEUE, MESSAGES_AT_ONCE, WEBHOOK_QUEUE, WEBHOOKS_AT_ONCE } from './queues.ts'
import type { WebhookJob } from './webhook/queue-event.ts'
import { sendWebhook } from './webhook/send-webhook.ts'

/** Starts every worker and every timer of one process, by name; `deps.jobs.stop` ends them. */
export async function startJobs(deps: Deps): Promise<void> {
  deps.jobs.work<MessageJob>(MESSAGE_QUEUE, MESSAGES_AT_ONCE, (job) => sendMessage(deps, job))
  deps.jobs.work<WebhookJob>(WEBHOOK_QUEUE, WEBHOOKS_AT_ONCE, (job) => sendWebhook(deps, job))
  deps.jobs.every('pull-memberships', 1, createMembershipPull(deps))
  deps.jobs.every('refresh-trust', 60, () => deps.resolver.refresh())
  // Lists come whole and on a timer: that we fetch one says nothing about a presentation.
  await deps.consentLists.findAll()
  // Not waited for: one node that hangs must not hold up the lists of the others.
  deps.jobs.every('refresh-consent-lists', 3, async () => void deps.consentLists.refresh())
  deps.jobs.every('refresh-school-lists', 3, async () => void deps.schoolLists.refreshDue())
  deps.jobs.every('find-consent-lists', 15, () => deps.consentLists.findAll())
  deps.jobs.every('purge-old-rows', 30, () => purgeOldRows(deps))
  deps.jobs.every('forget-quotas', 3_600, async () => {
    await purgeQuotas(deps.db, { before: new Date(deps.now().getTime() - 86_400_000) })
  })
}
