import { notFound, Problem } from '@samen/errors'
import { audit, type IdempotentReply, revokeApiKey, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { lockApp } from '../app-tenant/lock-app.ts'
import type { Deps } from '../deps.ts'
import { readKeys } from './api-key.sql.ts'

/**
 * Revokes a key of an app; a process that has just seen it believes it for five seconds more. The last one stays: without any, nobody
 * could add the next. Throws Problem 404 `not-found`, 409 `last-key`.
 */
export async function endApiKey(
  deps: Deps,
  app: AppTenant,
  id: string,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    await lockApp(tx, app)
    const keys = await readKeys(tx, app.slug)
    if (!keys.some((key) => key.id === id)) throw notFound()
    if (keys.length === 1) throw new Problem(409, 'last-key', 'This is the last key of the app; add another one first')
    const at = deps.now()
    await revokeApiKey(tx, { tenant: app.slug, id, now: at })
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'api-key.revoked', object: id, outcome: 'ok' })
    return { status: 204, body: {} }
  })
}
