import { DELETION_RECEIPT_MESSAGE, readDeletion } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { sha256Base64url } from '@samen/jwt-profile'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { receiveMessage } from '../message/receive-message.ts'
import { markDeletionConfirmed } from './deletion.sql.ts'

/**
 * Keeps the app's signed statement that it deleted what it held. `token` is a `samen-deletion-receipt+jwt`; the family sees it in
 * its record. Throws ProtocolError 403 `access_denied` when there is no consent of this app under that handle that was
 * withdrawn or is past its last day, or its deletion was confirmed before (alike).
 */
export async function recordDeletion(deps: Deps, token: string): Promise<{ handle: string; received_at: string }> {
  return receiveMessage(deps, token, DELETION_RECEIPT_MESSAGE, async (tx, message) => {
    const { handle, confirmed_at } = readDeletion(message.body['deletion'])
    const at = deps.now()
    if (!(await markDeletionConfirmed(tx, { handle, app: message.iss, message: token }, at))) {
      throw new ProtocolError(403, 'access_denied', 'this app has nothing to confirm under that handle')
    }
    const event = { type: 'deletion-confirmed', app: message.iss, confirmed_at, message_hash: sha256Base64url(token) }
    await appendEvent(deps, tx, { handle, event })
    return { handle, received_at: at.toISOString() }
  })
}
