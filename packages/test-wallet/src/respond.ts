import { createHash } from 'node:crypto'
import type { Openid4vpClient } from '@openid4vc/openid4vp'
import { importJWK, type JWTPayload, SignJWT } from 'jose'
import { type Choice, chooseCredentials } from './choose-credentials.ts'
import type { Path } from './dcql.ts'
import { type HeldCredential, sdJwtLibrary } from './held-credential.ts'
import { resolveRequest, type VerifierRequest } from './resolve-request.ts'
import type { Surroundings } from './surroundings.ts'

/** What a dishonest wallet changes; an honest one gives none of these. */
export interface Tampering {
  /** Changes the credential with its chosen disclosures, before the key-binding JWT is made over it. */
  readonly disclosures?: (sdJwt: string) => string
  readonly keyBinding?: (payload: Record<string, unknown>) => Record<string, unknown>
  /** Changes a finished presentation. */
  readonly presentation?: (presentation: string) => string
  /** Changes the whole `vp_token` before it is encrypted. */
  readonly vpToken?: (vpToken: Record<string, string[]>) => Record<string, unknown>
}

export interface RespondOptions {
  /** Picks among held credentials, for instance by label or claims; only those it accepts are shown. All when absent. */
  readonly choose?: (held: HeldCredential) => boolean
  readonly tamper?: Tampering
}

export interface WalletAnswer {
  /** HTTP status of the verifier's response endpoint. */
  readonly status: number
  readonly redirect_uri?: string
  readonly body: unknown
  /** What was sent as `vp_token`, so that a test can send it again. */
  readonly vpToken?: Record<string, unknown>
}

/** Verifies the request, discloses what it asks and posts an encrypted answer (VP#direct_post_jwt). */
export async function respond(
  surroundings: Surroundings,
  credentials: readonly HeldCredential[],
  requestLink: string,
  { choose = () => true, tamper = {} }: RespondOptions,
): Promise<WalletAnswer> {
  const { client, request } = await resolveRequest(surroundings, requestLink)
  const vpToken: Record<string, string[]> = {}
  for (const choice of chooseCredentials(request.dcql_query, credentials, choose)) {
    vpToken[choice.queryId] = [await present(choice, request, tamper)]
    choice.held.used = true
  }
  const sent = tamper.vpToken ? tamper.vpToken(vpToken) : vpToken
  return { ...(await post(client, request, { vp_token: sent })), vpToken: sent }
}

/** VP#error-response: the owner of the wallet said no. */
export async function refuse(surroundings: Surroundings, requestLink: string): Promise<WalletAnswer> {
  const { request } = await resolveRequest(surroundings, requestLink)
  const body = new URLSearchParams({
    error: 'access_denied',
    ...(request.state !== undefined && { state: request.state }),
  })
  return readAnswer(await surroundings.fetch(request.response_uri, { method: 'POST', body }))
}

/** Discloses exactly the asked claims and binds them to this verifier and nonce (SDJ#section-4.3). */
async function present({ held, paths }: Choice, request: VerifierRequest, tamper: Tampering): Promise<string> {
  const frame = {}
  for (const path of paths) reveal(frame, path)
  const plain = await sdJwtLibrary.present<Record<string, unknown>>(held.compact, frame)
  const sdJwt = tamper.disclosures ? tamper.disclosures(plain) : plain
  const payload = {
    iat: Math.floor(Date.now() / 1000),
    aud: request.client_id,
    nonce: request.nonce,
    sd_hash: createHash('sha256').update(sdJwt).digest('base64url'),
  }
  const keyBinding = new SignJWT((tamper.keyBinding ? tamper.keyBinding(payload) : payload) as JWTPayload)
  const signed = await keyBinding
    .setProtectedHeader({ alg: 'ES256', typ: 'kb+jwt' })
    .sign(await importJWK(held.holderKey, 'ES256'))
  return tamper.presentation ? tamper.presentation(sdJwt + signed) : sdJwt + signed
}

function reveal(frame: Record<string, unknown>, path: Path): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) {
    frame[name] = true
    return
  }
  const nested = typeof frame[name] === 'object' ? (frame[name] as Record<string, unknown>) : {}
  frame[name] = nested
  reveal(nested, rest)
}

async function post(
  client: Openid4vpClient,
  request: VerifierRequest,
  payload: Record<string, unknown>,
): Promise<WalletAnswer> {
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request as never,
    authorizationResponsePayload: payload as never,
    jarm: {
      encryption: { nonce: request.nonce },
      serverMetadata: {
        authorization_signing_alg_values_supported: [],
        authorization_encryption_alg_values_supported: ['ECDH-ES'],
        authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM'],
      },
    },
  })
  const submitted = await client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request as never,
    authorizationResponsePayload: response.authorizationResponsePayload,
    ...(response.jarm && { jarm: { responseJwt: response.jarm.responseJwt } }),
  })
  return readAnswer(submitted.response)
}

async function readAnswer(response: Response): Promise<WalletAnswer> {
  const body = (await response.json().catch(() => null)) as { redirect_uri?: string } | null
  return { status: response.status, body, ...(body?.redirect_uri && { redirect_uri: body.redirect_uri }) }
}
