import { Problem } from '@samen/errors'
import { FetchError, readUrl } from '@samen/http-kit'
import { audit, type IdempotentReply, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { lockApp } from '../app-tenant/lock-app.ts'
import type { Deps } from '../deps.ts'
import { webhookContext } from './send-webhook.ts'
import { insertWebhook } from './webhook.sql.ts'

/** Every event is sent to each of them. */
const MOST_WEBHOOKS = 10

/**
 * Adds an address for events. Its secret is in the answer and else only sealed. Throws Problem 400 `invalid-request`, 409
 * `too-many-webhooks`.
 */
export async function addWebhook(
  deps: Deps,
  app: AppTenant,
  url: string,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  assertWebhookUrl(deps, url)
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    const id = deps.random(16).toString('base64url')
    const secret = `whsec_${deps.random(32).toString('base64')}`
    const at = deps.now()
    const sealedSecret = deps.keyring.seal(secret, webhookContext(app.slug, id))
    await lockApp(tx, app)
    if (!(await insertWebhook(tx, { tenant: app.slug, id, url, sealedSecret, at, most: MOST_WEBHOOKS }))) {
      throw new Problem(409, 'too-many-webhooks', 'The app has as many addresses as it may; remove one first')
    }
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'webhook.added', object: id, outcome: 'ok' })
    return { status: 201, body: { id, secret } }
  })
}

/** What could never be delivered is said at once: an address inside a network, too. Where a name leads, each delivery looks itself. */
function assertWebhookUrl({ urlPolicy }: Deps, text: string): void {
  try {
    if (readUrl(urlPolicy, text).hash === '') return
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
  }
  throw new Problem(400, 'invalid-request', 'The URL is not an https URL to a public address, without a fragment')
}
