import { readWithdrawal, verifyNodeMessage, WITHDRAWAL_MESSAGE } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { audit } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import { addDuty } from '../deletion/add-duty.ts'
import type { Deps } from '../deps.ts'
import { queueEvent } from '../webhook/queue-event.ts'
import { deleteResults, insertReceived, markReceiptEnded, markWithdrawn } from './consent.sql.ts'
import { assertOwnRegistry } from './receive-receipt.ts'

/**
 * Takes the registry's notice that a consent was withdrawn (SET#section-2.2): from this commit on nothing is handed out under it. What
 * was not read yet is purged, the index over the child's pseudonym goes, the app gets the duty to delete and a webhook with ids only.
 * One that was taken before is taken again and has no effect (SETPUSH#section-2). Throws ProtocolError 400, 403.
 */
export async function receiveNotice(deps: Deps, app: AppTenant, token: string): Promise<void> {
  const now = deps.now()
  const policy = { ...WITHDRAWAL_MESSAGE, audience: app.entityId, resolver: deps.resolver, now }
  const { iss, jti, body } = await verifyNodeMessage(token, policy)
  assertOwnRegistry(app, iss)
  const { handle, delete_by: deleteBy } = readWithdrawal(body['events'])
  const tenant = app.slug
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    if (!(await insertReceived(tx, { tenant, jti, at: now }))) return
    if (!(await markWithdrawn(tx, { tenant, handle, at: now }))) {
      throw new ProtocolError(400, 'invalid_request', 'there is no such consent here')
    }
    // In this order: whoever is storing a result under this receipt holds its row, and is seen by the purge.
    await markReceiptEnded(tx, { tenant, handle, at: now })
    await deleteResults(tx, tenant, handle)
    const duty = await addDuty(deps, tx, app, { handle, deleteBy })
    if (duty === undefined) return
    await queueEvent(deps, tx, app, { type: 'consent.withdrawn', data: { id: duty, consent: handle } })
    await audit(tx, { tenant, at: now, actor: iss, action: 'consent.withdrawn', object: handle, outcome: 'ok' })
  })
}
