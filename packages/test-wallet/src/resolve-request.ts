import { randomBytes } from 'node:crypto'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { walletCallbacks } from './callbacks.ts'
import type { DcqlQuery } from './dcql.ts'
import type { Surroundings } from './surroundings.ts'

/** A verified request, as far as this wallet reads it. */
export interface VerifierRequest {
  readonly client_id: string
  readonly nonce: string
  readonly response_uri: string
  readonly state?: string
  readonly dcql_query: DcqlQuery
}

/**
 * Fetches the signed request by reference and verifies it: signature and `x509_hash` by the certificate (in the library), audience,
 * response mode, and the wallet's own nonce when the link wants the request fetched by POST. Throws Error.
 */
export async function resolveRequest(surroundings: Surroundings, requestLink: string) {
  const client = new Openid4vpClient({ callbacks: walletCallbacks(surroundings, []) })
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: requestLink })
  const link = params as { request_uri?: string; request_uri_method?: string }
  if (link.request_uri === undefined) throw new Error('the request is not given by reference')
  const posted = link.request_uri_method === 'post' ? await postForRequest(surroundings, link.request_uri) : undefined
  const { request_uri: _, request_uri_method: __, ...byValue } = link
  const payload = posted === undefined ? params : { ...byValue, request: posted.request }
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({
    authorizationRequestPayload: payload as never,
    ...(posted && { wallet: { expectedNonce: posted.walletNonce } }),
  })
  if (resolved.client.prefix !== 'x509_hash') throw new Error('the verifier is not identified by its certificate')
  const request = resolved.authorizationRequestPayload as unknown as VerifierRequest & Record<string, unknown>
  assertForUs(request, posted?.walletNonce)
  return { client, request }
}

/** VP#request_uri_method_post: the library posts no wallet_nonce, so this wallet does. */
async function postForRequest({ fetch }: Surroundings, uri: string): Promise<{ request: string; walletNonce: string }> {
  const walletNonce = randomBytes(16).toString('base64url')
  const headers = { accept: 'application/oauth-authz-req+jwt' }
  const reply = await fetch(uri, { method: 'POST', headers, body: new URLSearchParams({ wallet_nonce: walletNonce }) })
  if (!reply.ok) throw new Error(`the request object cannot be fetched (${reply.status})`)
  return { request: await reply.text(), walletNonce }
}

function assertForUs(request: Record<string, unknown>, walletNonce: string | undefined): void {
  const expected = {
    aud: 'https://self-issued.me/v2',
    response_type: 'vp_token',
    response_mode: 'direct_post.jwt',
    ...(walletNonce !== undefined && { wallet_nonce: walletNonce }),
  }
  for (const [name, value] of Object.entries(expected)) {
    if (request[name] !== value) throw new Error(`the request has another ${name} than this wallet answers`)
  }
  for (const name of ['nonce', 'response_uri', 'client_id']) {
    if (typeof request[name] !== 'string') throw new Error(`the request has no ${name}`)
  }
  if (request['dcql_query'] === undefined) throw new Error('the request has no DCQL query')
}
