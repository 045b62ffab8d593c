// A minimal verifier on the same independent libraries: one signed request, one encrypted answer.
import { createHash, randomBytes, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { type Minted, mintCertificate } from './mint-certificate.ts'

type Test = { teardown(work: () => void): unknown }
type Claims = Record<string, unknown>

export type Heard = {
  readonly form: URLSearchParams
  readonly vpToken?: Record<string, string[]>
  readonly encryption?: Claims
}

export type RunningVerifier = {
  readonly link: string
  readonly postLink: string
  readonly clientId: string
  readonly heard: Heard[]
  /** members of the request that a test replaces; undefined takes one away */
  changes: Claims
  header: Claims
  leaf: Minted
  fetched: string[]
}

/** Serves a request for `dcqlQuery` under a leaf of `ca`. */
export async function runVerifier(t: Test, ca: Minted & { name: string }, dcqlQuery: object): Promise<RunningVerifier> {
  const { privateKey, publicKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'P-256', extractable: true })
  const encryptionKey = { ...(await exportJWK(publicKey)), kid: 'enc-1', use: 'enc', alg: 'ECDH-ES' }
  const heard: Heard[] = []
  const leaf = mintCertificate({ name: 'App', issuer: ca, uri: 'https://verifier.example/apps/a' })
  const clientId = `x509_hash:${createHash('sha256').update(Buffer.from(leaf.x5c, 'base64')).digest('base64url')}`
  const running = { heard, leaf, clientId, changes: {}, header: {}, fetched: [] } as unknown as RunningVerifier & {
    link: string
    postLink: string
  }
  const server = createServer(async (request, response) => {
    const text = await bodyOf(request)
    if (request.url === '/request') {
      running.fetched.push(request.method ?? '')
      const walletNonce = new URLSearchParams(text).get('wallet_nonce')
      const object = await requestObject(running, dcqlQuery, encryptionKey, walletNonce)
      return response.writeHead(200, { 'content-type': 'application/oauth-authz-req+jwt' }).end(object)
    }
    heard.push(await readResponse(text, { ...(await exportJWK(privateKey)) }))
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ redirect_uri: 'https://verifier.example/done' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  running.changes = { response_uri: `${url}/response` }
  const query = new URLSearchParams({ client_id: clientId, request_uri: `${url}/request` })
  running.link = `haip-vp://?${query}`
  running.postLink = `haip-vp://?${query}&request_uri_method=post`
  return running
}

async function requestObject(
  running: RunningVerifier,
  dcqlQuery: object,
  encryptionKey: object,
  walletNonce: string | null,
): Promise<string> {
  const claims = {
    client_id: running.clientId,
    aud: 'https://self-issued.me/v2',
    response_type: 'vp_token',
    response_mode: 'direct_post.jwt',
    nonce: 'n-0S6_WzA2Mj',
    state: 's-1',
    dcql_query: dcqlQuery,
    client_metadata: {
      jwks: { keys: [encryptionKey] },
      encrypted_response_enc_values_supported: ['A256GCM'],
      vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
    },
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 60,
    ...(walletNonce !== null && { wallet_nonce: walletNonce }),
    ...running.changes,
  }
  const header = { alg: 'ES256', typ: 'oauth-authz-req+jwt', x5c: [running.leaf.x5c], ...running.header }
  return new SignJWT(claims as never).setProtectedHeader(header as never).sign(running.leaf.privateKey)
}

async function readResponse(text: string, privateKey: JWK): Promise<Heard> {
  const form = new URLSearchParams(text)
  const response = form.get('response')
  if (response === null) return { form }
  const { plaintext, protectedHeader } = await compactDecrypt(response, await importJWK(privateKey, 'ECDH-ES'))
  const { vp_token: vpToken, state } = JSON.parse(Buffer.from(plaintext).toString('utf8'))
  form.set('state', state)
  return { form, vpToken, encryption: { ...protectedHeader } }
}

/** What a presentation proves to this verifier: its claims. Throws unless issuer signature and key binding hold. */
export async function readPresentation(
  presentation: string,
  issuer: Minted['publicKey'],
  expected: { clientId: string; nonce: string },
) {
  const library = new SDJwtVcInstance({
    hasher: (data, algorithm) =>
      createHash(algorithm.replace('-', ''))
        .update(Buffer.from(data as string))
        .digest(),
    hashAlg: 'sha-256',
    saltGenerator: (bytes) => randomBytes(bytes ?? 16).toString('base64url'),
    verifier: (data, signature) =>
      verify(
        'sha256',
        Buffer.from(data),
        { key: issuer, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    kbVerifier: async (data, signature, { cnf }: { cnf?: { jwk: object } }) => {
      const key = await importJWK(cnf?.jwk as JWK, 'ES256')
      const { payload } = await jwtVerify(`${data}.${signature}`, key, { typ: 'kb+jwt', audience: expected.clientId })
      return payload['nonce'] === expected.nonce
    },
  })
  const { payload } = await library.verify(presentation, { keyBindingNonce: expected.nonce })
  return payload as unknown as Claims
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
