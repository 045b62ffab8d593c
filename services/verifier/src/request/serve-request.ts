import { createRequestObject } from '@samen/openid4vp'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'

/**
 * The signed request object, as often as it is asked for until it expires or is answered. `walletNonce` is what the wallet posted.
 * Throws ProtocolError 404. VP#request_uri_method_post
 */
export async function serveRequest(
  deps: Deps,
  app: AppTenant,
  requestId: string,
  walletNonce: string | 'not-used',
): Promise<string> {
  const { secrets, clientId, signingKey, query, expiresAt } = await deps.requests.find(app, requestId)
  return createRequestObject({
    key: signingKey,
    clientId,
    responseUri: `${app.entityId}/responses/${requestId}`,
    nonce: secrets.nonce,
    state: secrets.state,
    dcqlQuery: query,
    encryptionKey: secrets.key.publicJwk,
    walletNonce,
    issuedAt: deps.now(),
    expiresAt,
  })
}
