import { purgeQuotas } from '@samen/pg-kit'
import { signLists } from './consent-list/sign-lists.ts'
import { markOverdueDeletions } from './deletion/mark-overdue-deletions.ts'
import type { Deps } from './deps.ts'
import { sequenceLog } from './log/sequence-log.ts'
import { forgetMessageIds } from './message/message.sql.ts'
import { sendNotice } from './notice/send-notice.ts'
import { forgetPresentations } from './presentation/presentation.sql.ts'
import { AT_ONCE, type Delivery, QUEUES } from './queues.ts'
import { sendReceipt } from './receipt/send-receipt.ts'
import { expireRequests } from './request/expire-requests.ts'

/** Beyond its end, so that no process with a slow clock takes the same answer again. */
const PRESENTATIONS_KEPT_MS = 300_000
/** A sender may send the same message again for a month (it doubles its delay up to an hour). */
const MESSAGE_IDS_KEPT_MS = 40 * 86_400_000

/** Starts every timer and queue of a process. Any number of processes may run them over one database. */
export async function startJobs(deps: Deps): Promise<void> {
  const { jobs } = deps
  jobs.work<Delivery>(QUEUES.receipt.name, AT_ONCE, ({ data }) => sendReceipt(deps, data))
  jobs.work<Delivery>(QUEUES.notice.name, AT_ONCE, ({ data }) => sendNotice(deps, data))
  // With a log that is stopped the database is not the one that we know: nothing is done on its word.
  const everyIntact = (name: string, seconds: number, task: () => Promise<void>) =>
    jobs.every(name, seconds, async () => void (deps.head.isStopped() || (await task())))
  everyIntact('sequence-log', 0.25, async () => void (await sequenceLog(deps)))
  jobs.every('pull-membership', 1, () => pullMembership(deps))
  everyIntact('sign-lists', 2, () => signWhenMember(deps))
  everyIntact('expire-requests', 5, () => expireRequests(deps))
  everyIntact('overdue-deletions', 60, () => markOverdueDeletions(deps))
  jobs.every('refresh-trust', 60, () => deps.resolver.refresh())
  // Not waited for: one school that hangs must not hold up the lists of the others.
  jobs.every('refresh-school-lists', 3, async () => void deps.schoolLists.refreshDue())
  jobs.every('forget', 60, () => forget(deps))
  jobs.every('forget-quotas', 3_600, async () => {
    await purgeQuotas(deps.db, { before: new Date(deps.now().getTime() - 86_400_000) })
  })
}

/** The first lists are signed the moment we are a member, not at the next tick. */
async function pullMembership(deps: Deps): Promise<void> {
  const before = deps.membership.current()
  await deps.membership.pull()
  if (before === undefined) await signWhenMember(deps)
}

async function signWhenMember(deps: Deps): Promise<void> {
  if (deps.membership.current() !== undefined) await signLists(deps)
}

async function forget(deps: Deps): Promise<void> {
  const now = deps.now()
  await forgetPresentations(deps.db, new Date(now.getTime() - PRESENTATIONS_KEPT_MS))
  await forgetMessageIds(deps.db, new Date(now.getTime() - MESSAGE_IDS_KEPT_MS))
}
