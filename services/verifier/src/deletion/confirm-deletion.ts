import { notFound } from '@samen/errors'
import { audit, type IdempotentReply, withIdempotency } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { forgetConsent } from '../consent/forget-consent.ts'
import type { Deps } from '../deps.ts'
import { queueMessage } from '../outgoing/queue-message.ts'
import { confirmDuty, type DutyRow, readDuty } from './deletion.sql.ts'

/**
 * The app states that it deleted what it held. In one transaction: the duty is marked, our own receipt goes, and the signed deletion
 * receipt is put into the outbox. Confirming again answers the same. Throws Problem 404 `not-found`.
 */
export async function confirmDeletion(
  deps: Deps,
  app: AppTenant,
  id: string,
  idempotency: { key: string | undefined; requestHash: Buffer },
): Promise<IdempotentReply> {
  const request = { ...idempotency, tenant: app.slug, sealing: deps.keyring, now: deps.now() }
  return withIdempotency(deps.db.forTenant(app.slug), request, async (tx) => {
    const at = deps.now()
    const duty = await confirmDuty(tx, { tenant: app.slug, id, at })
    if (duty === undefined) {
      const before = await readDuty(tx, app.slug, id)
      if (before === undefined) throw notFound()
      return { status: 200, body: renderDuty(before) }
    }
    const { handle } = duty
    await forgetConsent(tx, app, handle)
    const deletion = { handle, confirmed_at: at.toISOString() }
    await queueMessage(deps, tx, app, { kind: 'deletion', body: { deletion } })
    await audit(tx, { tenant: app.slug, at, actor: 'app', action: 'deletion.confirmed', object: handle, outcome: 'ok' })
    return { status: 200, body: renderDuty(duty) }
  })
}

/** A duty as the app reads it. */
export function renderDuty(duty: DutyRow) {
  return {
    id: duty.id,
    consent: duty.handle,
    delete_by: duty.delete_by,
    confirmed_at: duty.confirmed_at === null ? null : duty.confirmed_at.toISOString(),
  }
}
