import { encryptJwe, type PublicJwk, type SigningKey, signJwt, thumbprint } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { x509HashClientId } from './client-id.ts'
import { assertDcqlQuery, type DcqlQuery } from './dcql-query.ts'
import { keepAsked } from './keep-asked.ts'
import type { AskingWallet } from './request-uri-post.ts'
import { layOutAuthorizationRequest } from './sphereon-siop.ts'

export type RequestObject = {
  /** signs; its `x5c` holds the leaf that `clientId` is the hash of */
  readonly key: SigningKey
  readonly clientId: string
  readonly responseUri: string
  /** fresh, at least 128 bits, URL-safe (VP#existing_parameters) */
  readonly nonce: string
  readonly state: string
  readonly dcqlQuery: DcqlQuery
  /** fresh for this request (HAIP#openid-for-verifiable-presentations) */
  readonly encryptionKey: PublicJwk & { readonly kid: string }
  /** what the wallet posted to the request URI, VP#request_uri_method_post; `'not-used'` for one that came by GET */
  readonly wallet: AskingWallet | 'not-used'
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** VP#aud-of-a-request-object: the audience of wallets that are not discovered. */
const STATIC_AUDIENCE = 'https://self-issued.me/v2'
const SILENT: AskingWallet = { nonce: undefined, encryption: undefined }
const URL_SAFE_128_BIT = /^[A-Za-z0-9._~-]{22,512}$/

/**
 * The signed request object, typ `oauth-authz-req+jwt` (VP#vp_token_request, HAIP#oid4vp-redirects), encrypted to the wallet where that
 * asked for it (a nested JWT, RFC7519#section-5.2), to be served as `application/oauth-authz-req+jwt`. Throws RangeError when a value
 * breaks the profile: each comes from our own code.
 */
export async function createRequestObject(request: RequestObject): Promise<string> {
  assertProfile(request)
  const asked = requestPayload(request)
  const payload = keepAsked(await layOutAuthorizationRequest(asked), asked)
  const { nonce, encryption } = request.wallet === 'not-used' ? SILENT : request.wallet
  if (nonce !== undefined) payload['wallet_nonce'] = nonce
  const signed = signJwt(request.key, { typ: 'oauth-authz-req+jwt', x5c: request.key.x5c }, payload)
  return encryption === undefined ? signed : encryptJwe(signed, encryption.key, { cty: 'JWT' }, encryption.enc)
}

function requestPayload(request: RequestObject): JsonObject {
  return {
    response_type: 'vp_token',
    response_mode: 'direct_post.jwt',
    client_id: request.clientId,
    response_uri: request.responseUri,
    nonce: request.nonce,
    state: request.state,
    aud: STATIC_AUDIENCE,
    dcql_query: request.dcqlQuery as unknown as JsonValue,
    client_metadata: clientMetadata(request.encryptionKey),
    // Rounded down and without nbf: a wallet whose clock runs a second behind must not find the request in its future.
    iat: epoch(request.issuedAt),
    exp: epoch(request.expiresAt),
  }
}

/** VP#new_parameters: formats, and one fresh key to encrypt the answer to. No key here verifies a signature. */
function clientMetadata({ kty, crv, x, y, kid }: PublicJwk & { readonly kid: string }): JsonObject {
  return {
    vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
    jwks: { keys: [{ kty, crv, x, y, kid, use: 'enc', alg: 'ECDH-ES' }] },
    encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'],
  }
}

function assertProfile(request: RequestObject): void {
  const { key, clientId, responseUri, nonce, state } = request
  if (clientId !== x509HashClientId(key.x5c ?? [])) throw new RangeError('the client id is the hash of another leaf')
  if (thumbprint(key.publicJwk) === thumbprint(request.encryptionKey)) {
    throw new RangeError('the key that signs the request may not receive the answer')
  }
  if (!URL_SAFE_128_BIT.test(nonce) || !URL_SAFE_128_BIT.test(state)) {
    throw new RangeError('nonce and state are URL-safe and have at least 128 bits')
  }
  if (!/^https?:$/.test(new URL(responseUri).protocol) || new URL(responseUri).hash !== '') {
    throw new RangeError('the response URI is an absolute URL without a fragment')
  }
  if (request.expiresAt <= request.issuedAt) throw new RangeError('the request has expired before it is made')
  assertDcqlQuery(request.dcqlQuery)
}

function epoch(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}
