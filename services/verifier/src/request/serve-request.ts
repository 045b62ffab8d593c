import { type AskingWallet, createRequestObject } from '@samen/openid4vp'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { assertMayAsk } from '../membership/assert-member.ts'
import { noSuchRequest, type OpenRequest } from './open-requests.ts'
import { isStillOpen } from './request.sql.ts'

/** A code on a screen is good for two minutes: a photographed one is worthless soon. */
export const FETCH_MS = 120_000

/**
 * The signed request object, as often as it is asked for within two minutes, until it is answered. `wallet` is what it posted.
 * Throws ProtocolError 404, and 403 or 503 when the app is not a member now. VP#request_uri_method_post
 */
export async function serveRequest(
  deps: Deps,
  app: AppTenant,
  requestId: string,
  wallet: AskingWallet | 'not-used',
): Promise<string> {
  assertMayAsk(app, deps.now())
  const request = await deps.requests.find(app, requestId)
  await assertWaiting(deps, app, request)
  const { secrets, clientId, signingKey, query, expiresAt } = request
  return createRequestObject({
    key: signingKey,
    clientId,
    responseUri: `${app.entityId}/responses/${requestId}`,
    nonce: secrets.nonce,
    state: secrets.state,
    dcqlQuery: query,
    encryptionKey: secrets.key.publicJwk,
    wallet,
    issuedAt: deps.now(),
    expiresAt,
  })
}

/** What is kept in memory does not know that another process has taken the answer. */
async function assertWaiting(deps: Deps, app: AppTenant, { requestHash, createdAt }: OpenRequest): Promise<void> {
  const now = deps.now()
  if (now.getTime() - createdAt.getTime() > FETCH_MS) throw noSuchRequest()
  if (await isStillOpen(deps.db.forTenant(app.slug), { tenant: app.slug, requestHash, now })) return
  throw noSuchRequest()
}
