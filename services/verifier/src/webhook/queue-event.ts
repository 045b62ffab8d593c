import type { Tx } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { WEBHOOK_QUEUE } from '../queues.ts'
import { readWebhooks } from './webhook.sql.ts'

/** Ids only: an event wakes the app up, what it may know it reads through the API. */
export interface AppEvent {
  readonly type: 'consent.given' | 'consent.withdrawn' | 'consent.expired'
  readonly data: Readonly<Record<string, string>>
}

export interface WebhookJob {
  readonly tenant: string
  readonly webhook: string
  /** the same for every attempt, so that the app can tell a repetition */
  readonly id: string
  readonly at: string
  readonly event: AppEvent
}

/** Queues an event for every webhook of the app, in the transaction of what it tells about. */
export async function queueEvent(deps: Deps, tx: Tx, app: AppTenant, event: AppEvent): Promise<void> {
  const at = deps.now().toISOString()
  for (const { id: webhook } of await readWebhooks(tx, app.slug)) {
    const id = `msg_${deps.random(16).toString('base64url')}`
    const job: WebhookJob = { tenant: app.slug, webhook, id, at, event }
    await deps.jobs.send(tx, WEBHOOK_QUEUE, job, { group: webhook })
  }
}
