import type { Job } from '@samen/pg-kit'
import { Webhook } from 'standardwebhooks'
import type { Deps } from '../deps.ts'
import type { WebhookJob } from './queue-event.ts'
import { readWebhook } from './webhook.sql.ts'

/**
 * Posts one event to one webhook, signed with its own secret as Standard Webhooks describe. Throws on anything but 2xx, and the job is
 * tried again with growing delays. What the answer says besides is not read. Redirects are not followed and private addresses not
 * reached: the fetcher sees to that.
 */
export async function sendWebhook(deps: Deps, { data }: Job<WebhookJob>): Promise<void> {
  const row = await readWebhook(deps.db.forTenant(data.tenant), data.tenant, data.webhook)
  if (row === undefined) return
  const secret = deps.keyring.open(row.sealed_secret, webhookContext(data.tenant, data.webhook)).toString('utf8')
  const body = JSON.stringify({ type: data.event.type, timestamp: data.at, data: data.event.data })
  const now = deps.now()
  const headers = {
    'webhook-id': data.id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(data.id, now, body),
  }
  const status = await deps.fetcher.deliver(row.url, { contentType: 'application/json', body, headers })
  if (status < 200 || status > 299) throw new Error('the webhook was not accepted')
}

/** Ties a sealed secret to the row of its address: moved to another app or another address it does not open. */
export function webhookContext(tenant: string, id: string): string {
  return `verifier/webhook/${tenant}/${id}`
}
