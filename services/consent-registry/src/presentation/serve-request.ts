import { type AskingWallet, createRequestObject } from '@samen/openid4vp'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import { openPresentation, unknownPresentation } from './open-presentation.ts'
import { isAnswered } from './presentation.sql.ts'
import { FETCH_SECONDS } from './start-presentation.ts'

/**
 * The signed request object behind a link (VP#request_uri_method_post, HAIP#openid-for-verifiable-presentations), with the
 * wallet's nonce echoed when it sent one, and encrypted to it when it sent a key for that. Throws ProtocolError 404 for a link that is
 * unknown, old, or was answered, alike.
 */
export async function serveRequest(deps: Deps, id: string, wallet: AskingWallet | 'not-used'): Promise<string> {
  const { clientId, x5c, nonce, state, query, encryption, expiresAt } = await openPresentation(deps, id, FETCH_SECONDS)
  if (await isAnswered(deps.db, hashSecret(id))) throw unknownPresentation()
  const { kty, crv, x, y, kid } = encryption
  return createRequestObject({
    key: { ...deps.keys.request, x5c },
    clientId,
    responseUri: `${deps.publicUrl}/vp/responses/${id}`,
    nonce,
    state,
    dcqlQuery: query,
    encryptionKey: { kty, crv, x, y, kid },
    wallet,
    issuedAt: deps.now(),
    expiresAt,
  })
}
