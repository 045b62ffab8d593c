import { Problem } from '@samen/errors'
import { audit, type IdempotentReply, issueApiKey, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { lockApp } from '../app-tenant/lock-app.ts'
import type { Deps } from '../deps.ts'
import { readKeys } from './api-key.sql.ts'

const MOST_KEYS = 10

/** Adds a key to those of an app. It is in the answer and nowhere else. Throws Problem 409 `too-many-keys`. */
export async function addApiKey(
  deps: Deps,
  app: AppTenant,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    await lockApp(tx, app)
    if ((await readKeys(tx, app.slug)).length >= MOST_KEYS) {
      throw new Problem(409, 'too-many-keys', 'The app has as many keys as it may; revoke one first')
    }
    const { id, apiKey } = await issueApiKey(tx, { tenant: app.slug, scopes: ['app'] })
    const event = { tenant: app.slug, at: deps.now(), actor: 'app', action: 'api-key.added', object: id }
    await audit(tx, { ...event, outcome: 'ok' })
    return { status: 201, body: { id, api_key: apiKey } }
  })
}
