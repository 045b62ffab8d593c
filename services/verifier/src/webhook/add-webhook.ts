import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { webhookContext } from './send-webhook.ts'
import { insertWebhook } from './webhook.sql.ts'

/** Adds an address for events. Its secret is in the answer and else only sealed. Throws Problem 400 `invalid-request`. */
export async function addWebhook(
  deps: Deps,
  app: AppTenant,
  url: string,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  assertWebhookUrl(url, deps.mode)
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    const id = deps.random(16).toString('base64url')
    const secret = `whsec_${deps.random(32).toString('base64')}`
    const at = deps.now()
    const sealedSecret = deps.keyring.seal(secret, webhookContext(app.slug, id))
    await insertWebhook(tx, { tenant: app.slug, id, url, sealedSecret, at })
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'webhook.added', object: id, outcome: 'ok' })
    return { status: 201, body: { id, secret } }
  })
}

/** An early word about what could never be delivered; the fetcher decides about addresses at each delivery. */
function assertWebhookUrl(text: string, mode: Deps['mode']): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isAllowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && mode === 'development')
  if (!isAllowed || url?.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Problem(400, 'invalid-request', 'The URL is not an absolute https URL')
  }
}
