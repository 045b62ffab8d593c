import { notFound } from '@samen/errors'
import { audit, type IdempotentReply, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { deleteWebhook } from './webhook.sql.ts'

/** Removes an address with its secret; what still waits to be sent there is dropped. Throws Problem 404 `not-found`. */
export async function removeWebhook(
  deps: Deps,
  app: AppTenant,
  id: string,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    if (!(await deleteWebhook(tx, app.slug, id))) throw notFound()
    const event = { tenant: app.slug, at: deps.now(), actor: 'app', action: 'webhook.removed', object: id }
    await audit(tx, { ...event, outcome: 'ok' })
    return { status: 204, body: {} }
  })
}
