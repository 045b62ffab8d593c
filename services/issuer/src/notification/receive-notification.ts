import { ProtocolError } from '@samen/errors'
import { invalidProofOfToken, invalidToken } from '@samen/oauth'
import { readNotificationRequest } from '@samen/openid4vci'
import { hashSecret } from '@samen/sealing'
import { revokeIssuance } from '../credential/revoke-credential.ts'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import type { Wallet } from '../token/authenticate-wallet.ts'
import { recordEvent } from './notification.sql.ts'

/**
 * What a wallet reports about copies that it got. Copies that it could not store, or threw away at once, are revoked: nobody
 * should hold them, and the report and its consequence are one. The same report twice succeeds. Throws ProtocolError 401, or 400 `invalid_notification_request` or
 * `invalid_notification_id` (unknown, or of another token: alike). VCI#notification-endpoint
 */
export async function receiveNotification(deps: Deps, school: School, wallet: Wallet, body: unknown): Promise<void> {
  const { notificationId, event } = readNotificationRequest(body)
  const report = { ...wallet, notificationHash: hashSecret(notificationId), event, now: deps.now() }
  const row = await deps.db.forTenant(school.slug).transaction(async (tx) => {
    const noted = await recordEvent(tx, school.slug, report)
    const isHeld = event === 'credential_accepted'
    if (!isHeld && noted?.issuance) await revokeIssuance(deps, tx, school, noted.issuance, 'wallet')
    return noted
  })
  if (row === undefined) throw invalidToken()
  if (!row.proof_is_fresh) throw invalidProofOfToken()
  if (row.issuance === null) throw new ProtocolError(400, 'invalid_notification_id', 'there is no such notification id')
}
