// A minimal issuer on the same independent libraries: enough of OpenID4VCI to see whether the wallet speaks it.
import { createHash, randomBytes, sign } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CallbackContext, type Jwk, Oauth2AuthorizationServer } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { compactVerify, importJWK, type JWK } from 'jose'
import { type Minted, mintCertificate } from './mint-certificate.ts'

type Test = { teardown(work: () => void): unknown }
type Claims = Record<string, unknown>

export const VCT = 'urn:example:pupil'
export const TX_CODE = '493028'

/** What a test may change about the credentials that are handed out. */
export type Fault = {
  readonly claims?: Claims
  readonly header?: Claims
  readonly leaf?: Minted
  readonly holderKey?: JWK
  readonly fewer?: boolean
}

export type RunningIssuer = {
  readonly url: string
  readonly offerLink: string
  /** what the wallet sent, by endpoint */
  readonly heard: { tokens: number; proofs: number; notifications: string[]; dpop: number }
  fault: Fault
}

const callbacks = {
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  verifyJwt: async (signer, { compact }) => {
    if (signer.method !== 'jwk') return { verified: false }
    await compactVerify(compact, await importJWK(signer.publicJwk as JWK, 'ES256'))
    return { verified: true, signerJwk: signer.publicJwk as Jwk }
  },
} satisfies Partial<CallbackContext>

/** Serves one offer for a `pupil` credential with a transaction code. */
export async function runIssuer(t: Test, ca: Minted & { name: string }): Promise<RunningIssuer> {
  const running = { fault: {}, heard: { tokens: 0, proofs: 0, notifications: [], dpop: 0 } } as unknown as {
    -readonly [K in keyof RunningIssuer]: RunningIssuer[K]
  }
  const state: State = { leaf: ca, nonce: '' }
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(running, state, request).catch(
      (error: unknown) => [400, { error: String(error) }] as const,
    )
    response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.leaf = mintCertificate({ name: 'De Wilg', issuer: ca, uri: url })
  return Object.assign(running, {
    url,
    offerLink: `haip-vci://?credential_offer_uri=${encodeURIComponent(`${url}/offer`)}`,
  })
}

type State = { leaf: Minted; nonce: string }

async function answer(
  running: RunningIssuer,
  state: State,
  request: IncomingMessage,
): Promise<readonly [number, object?]> {
  const text = await bodyOf(request)
  const open: Record<string, () => object | Promise<object>> = {
    '/.well-known/openid-credential-issuer': () => issuerMetadata(running.url),
    '/.well-known/oauth-authorization-server': () => serverMetadata(running.url),
    '/offer': () => offerOf(running.url),
    '/token': () => token(running, request, text),
    '/nonce': () => {
      state.nonce = randomBytes(16).toString('base64url')
      return { c_nonce: state.nonce }
    },
  }
  const publicAnswer = open[request.url ?? '']
  if (publicAnswer !== undefined) return [200, await publicAnswer()]
  if (!String(request.headers.authorization).startsWith('DPoP token-')) return [401]
  if (request.headers['dpop'] !== undefined) running.heard.dpop += 1
  if (request.url === '/credential') return [200, await credentials(running, state, JSON.parse(text))]
  running.heard.notifications.push(JSON.parse(text).event)
  return [204]
}

async function token(running: RunningIssuer, request: IncomingMessage, text: string) {
  const server = new Oauth2AuthorizationServer({ callbacks: callbacks as unknown as CallbackContext })
  const like = {
    method: 'POST',
    url: `${running.url}/token`,
    headers: new Headers(request.headers as Record<string, string>),
  } as const
  const { accessTokenRequest, grant, dpop } = server.parseAccessTokenRequest({
    request: like,
    accessTokenRequest: Object.fromEntries(new URLSearchParams(text)),
  })
  await server.verifyPreAuthorizedCodeAccessTokenRequest({
    authorizationServerMetadata: serverMetadata(running.url),
    grant: grant as never,
    accessTokenRequest,
    request: like,
    expectedPreAuthorizedCode: 'code-1',
    expectedTxCode: TX_CODE,
    dpop: { required: true, allowedSigningAlgs: ['ES256'], jwt: dpop?.jwt as string },
  })
  running.heard.tokens += 1
  return { access_token: `token-${randomBytes(8).toString('hex')}`, token_type: 'DPoP', expires_in: 300 }
}

async function credentials(running: RunningIssuer, { leaf, nonce }: State, body: { proofs: { jwt: string[] } }) {
  const issuer = new Openid4vciIssuer({ callbacks: callbacks as unknown as CallbackContext })
  const keys: JWK[] = []
  for (const jwt of body.proofs.jwt) {
    const { signer } = await issuer.verifyCredentialRequestJwtProof({
      issuerMetadata: {
        credentialIssuer: issuerMetadata(running.url),
        authorizationServers: [],
        originalDraftVersion: 'V1',
        knownCredentialConfigurations: {},
      } as never,
      jwt,
      expectedNonce: nonce,
    })
    keys.push((signer as { publicJwk: JWK }).publicJwk)
  }
  running.heard.proofs += keys.length
  if (new Set(keys.map(({ x }) => x)).size !== keys.length) throw new Error('a key was used twice')
  const asked = running.fault.fewer ? keys.slice(1) : keys
  const made = asked.map((key, copy) =>
    issue(running, running.fault.leaf ?? leaf, running.fault.holderKey ?? key, copy),
  )
  return { credentials: (await Promise.all(made)).map((credential) => ({ credential })), notification_id: 'n-1' }
}

function issue(running: RunningIssuer, leaf: Minted, { kty, crv, x, y }: JWK, copy: number): Promise<string> {
  const library = new SDJwtVcInstance({
    hasher: (data, algorithm) =>
      createHash(algorithm.replace('-', ''))
        .update(Buffer.from(data as string))
        .digest(),
    hashAlg: 'sha-256',
    saltGenerator: (bytes) => randomBytes(bytes ?? 16).toString('base64url'),
    signer: (data) =>
      sign('sha256', Buffer.from(data), { key: leaf.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
    signAlg: 'ES256',
  })
  const claims = {
    iss: running.url,
    vct: VCT,
    exp: Math.floor(Date.now() / 1000) + 3600,
    cnf: { jwk: { kty, crv, x, y } },
    enrolled: true,
    given_name: 'Noor',
    year_group: '6',
    copy,
    age_equal_or_over: { '12': false, '13': false },
    pseudonyms: { 'https://verifier.example/apps/a': 'pa', 'https://verifier.example/apps/b': 'pb' },
    ...running.fault.claims,
  }
  const frame = {
    _sd: ['given_name', 'year_group'],
    age_equal_or_over: { _sd: ['12', '13'] },
    pseudonyms: { _sd: ['https://verifier.example/apps/a', 'https://verifier.example/apps/b'] },
  }
  const options = { header: { x5c: [leaf.x5c], ...running.fault.header } }
  return library.issue(claims as never, frame as never, options)
}

const issuerMetadata = (url: string) => ({
  credential_issuer: url,
  credential_endpoint: `${url}/credential`,
  nonce_endpoint: `${url}/nonce`,
  notification_endpoint: `${url}/notification`,
  batch_credential_issuance: { batch_size: 10 },
  credential_configurations_supported: {
    pupil: {
      format: 'dc+sd-jwt',
      vct: VCT,
      scope: 'pupil',
      cryptographic_binding_methods_supported: ['jwk'],
      proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
    },
  },
})

const serverMetadata = (url: string) => ({
  issuer: url,
  token_endpoint: `${url}/token`,
  dpop_signing_alg_values_supported: ['ES256'],
  'pre-authorized_grant_anonymous_access_supported': true,
})

const offerOf = (url: string) => ({
  credential_issuer: url,
  credential_configuration_ids: ['pupil'],
  grants: {
    'urn:ietf:params:oauth:grant-type:pre-authorized_code': {
      'pre-authorized_code': 'code-1',
      tx_code: { length: 6, input_mode: 'numeric' },
    },
  },
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
