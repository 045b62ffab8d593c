import { RECEIPT_MESSAGE, type Receipt, readReceipt, verifyNodeMessage } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { decryptJwe, JwtError } from '@samen/jwt-profile'
import { audit } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { queueEvent } from '../webhook/queue-event.ts'
import { insertReceipt, insertReceived, markGiven } from './consent.sql.ts'

const MAX_BYTES = 65_536

/**
 * Takes a receipt of the app's registry: all parties said yes to a question that this app has put. Encrypted to the app, signed by the
 * registry, kept with its place in the list of live consents. Throws ProtocolError 400, 403, 409 `already_received`.
 */
export async function receiveReceipt(deps: Deps, app: AppTenant, jwe: string): Promise<void> {
  const now = deps.now()
  const token = decrypt(app, jwe)
  const policy = { ...RECEIPT_MESSAGE, audience: app.entityId, resolver: deps.resolver, now }
  const { iss, jti, body } = await verifyNodeMessage(token, policy)
  assertOwnRegistry(app, iss)
  const receipt = readReceipt(body['receipt'])
  assertListOfRegistry(receipt, iss)
  await deps.db.forTenant(app.slug).transaction(async (tx) => {
    const tenant = app.slug
    // A sender that repeats itself takes this for delivery.
    if (!(await insertReceived(tx, { tenant, jti, at: now }))) {
      throw new ProtocolError(409, 'already_received', 'this message was received before')
    }
    // A withdrawal may overtake its receipt: then the receipt comes too late and opens nothing.
    if (!(await markGiven(tx, { tenant, receipt, at: now }))) {
      throw new ProtocolError(400, 'invalid_request', 'no open question fits this receipt')
    }
    if ((await insertReceipt(tx, { tenant, receipt, at: now })) === 0) return
    await queueEvent(deps, tx, app, { type: 'consent.given', data: { consent: receipt.handle } })
    await audit(tx, { tenant, at: now, actor: iss, action: 'consent.given', object: receipt.handle, outcome: 'ok' })
  })
  deps.consentLists.watch(app.registry, receipt.status.status_list.uri)
}

/** Another registry may be a member of the federation; this app's consents are kept by one. */
export function assertOwnRegistry(app: AppTenant, sender: string): void {
  if (sender !== app.registry) throw new ProtocolError(403, 'access_denied', 'the sender may not send this message')
}

/** The list is fetched on a timer for a long time: it must lie with the registry that signs it. */
function assertListOfRegistry(receipt: Receipt, registry: string): void {
  if (receipt.status.status_list.uri.startsWith(`${registry.replace(/\/$/, '')}/`)) return
  throw new ProtocolError(400, 'invalid_request', 'the list of consents is not at the registry')
}

function decrypt({ keys }: AppTenant, jwe: string): string {
  const { kid, privateJwk } = keys.encryption
  try {
    const limits = { kid, enc: ['A128GCM', 'A256GCM'] as const, maxBytes: MAX_BYTES }
    return decryptJwe(jwe, privateJwk, limits).plaintext
  } catch (cause) {
    if (!(cause instanceof JwtError)) throw cause
    throw new ProtocolError(400, 'invalid_request', 'the message cannot be decrypted', { cause })
  }
}
