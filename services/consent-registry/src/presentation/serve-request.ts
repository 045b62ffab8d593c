import { ProtocolError } from '@samen/errors'
import { createRequestObject } from '@samen/openid4vp'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import { readSealedRequest } from './presentation.sql.ts'
import { FETCH_SECONDS, openSecrets } from './start-presentation.ts'

/**
 * The signed request object behind a link (VP#request_uri_method_post, HAIP#openid-for-verifiable-presentations), with the
 * wallet's nonce echoed when it sent one. Throws ProtocolError 404 for an unknown, answered or old link alike.
 */
export async function serveRequest(
  deps: Pick<Deps, 'db' | 'keys' | 'keyring' | 'publicUrl' | 'now'>,
  id: string,
  walletNonce: string | 'not-used',
): Promise<string> {
  const now = deps.now()
  const createdAfter = new Date(now.getTime() - FETCH_SECONDS * 1000)
  const row = await readSealedRequest(deps.db, hashSecret(id), now, createdAfter)
  if (row === undefined) throw unknownPresentation()
  const { clientId, x5c, nonce, state, query, encryption } = openSecrets(deps, id, row.sealed_request)
  const { kty, crv, x, y, kid } = encryption
  return createRequestObject({
    key: { ...deps.keys.request, x5c },
    clientId,
    responseUri: `${deps.publicUrl}/vp/responses/${id}`,
    nonce,
    state,
    dcqlQuery: query,
    encryptionKey: { kty, crv, x, y, kid },
    walletNonce,
    issuedAt: now,
    expiresAt: row.expires_at,
  })
}

/** One answer for what never was, what is over and what was answered: links cannot be probed. */
export function unknownPresentation(): ProtocolError {
  return new ProtocolError(404, 'not_found', 'there is no such request, or it is over')
}
