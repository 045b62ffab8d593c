import { resolveOpenid4vpAuthorizationRequest } from '@openid4vc/openid4vp'
import { decryptJwe, generateEncryptionKey, sha256, verifyJwt } from '@samen/jwt-profile'
import t from 'tap'
import { authorizationRequestUri, x509HashClientId } from './client-id.ts'
import { createRequestObject, type RequestObject } from './request-object.ts'
import { certifiedSchool, NONCE, NOW, PUPIL_QUERY } from './school.fixture.ts'

const app = await certifiedSchool(undefined, 'https://verifier.example/apps/rekenrijk')
const clientId = x509HashClientId(app.key.x5c ?? [])
const encryption = generateEncryptionKey()
const requestUri = 'https://verifier.example/apps/rekenrijk/requests/1'

const order = (more: Partial<RequestObject> = {}): RequestObject => ({
  key: app.key,
  clientId,
  responseUri: 'https://verifier.example/apps/rekenrijk/responses/1',
  nonce: NONCE,
  state: 'state-of-at-least-128-bits',
  dcqlQuery: PUPIL_QUERY,
  encryptionKey: encryption.publicJwk,
  wallet: 'not-used',
  issuedAt: NOW,
  expiresAt: new Date(NOW.getTime() + 120_000),
  ...more,
})

const opened = (jwt: string, now = NOW) =>
  verifyJwt(jwt, {
    typ: 'oauth-authz-req+jwt',
    key: { jwk: app.key.publicJwk },
    issuer: 'not-used',
    audience: 'https://self-issued.me/v2',
    maxAgeSeconds: 'not-used',
    expiry: 'required',
    clockSkewSeconds: 0,
    now,
    maxBytes: 16_384,
  })

t.test('a wallet gets a signed request of exactly the members of the specification', async (t) => {
  const { header, payload } = opened(await createRequestObject(order()))
  t.same(Object.keys(header).sort(), ['alg', 'kid', 'typ', 'x5c'])
  t.same(header['x5c'], app.key.x5c, 'the leaf, without the anchor')
  t.same(payload, {
    response_type: 'vp_token',
    response_mode: 'direct_post.jwt',
    client_id: clientId,
    response_uri: 'https://verifier.example/apps/rekenrijk/responses/1',
    nonce: NONCE,
    state: 'state-of-at-least-128-bits',
    aud: 'https://self-issued.me/v2',
    dcql_query: PUPIL_QUERY,
    client_metadata: {
      vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] } },
      jwks: { keys: [encryption.publicJwk] },
      encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'],
    },
    iat: NOW.getTime() / 1000,
    exp: NOW.getTime() / 1000 + 120,
  })
})

t.test(
  'the client id is the hash of the certificate that signs, and the link says where to fetch the rest',
  async (t) => {
    const der = Buffer.from(app.key.x5c?.[0] ?? '', 'base64')
    t.equal(clientId, `x509_hash:${sha256(der).toString('base64url')}`)
    const link = new URL(authorizationRequestUri('haip-vp', clientId, requestUri))
    t.equal(link.protocol, 'haip-vp:')
    t.same(
      [...link.searchParams],
      [
        ['client_id', clientId],
        ['request_uri', requestUri],
        ['request_uri_method', 'post'],
      ],
    )
    t.throws(() => x509HashClientId([]), RangeError)
  },
)

t.test('the nonce of a wallet comes back signed, whatever it is, and only when it sent one', async (t) => {
  for (const nonce of ['qPmxiNFCR3QTm19POc8u', 'not-used', 'undefined']) {
    const wallet = { nonce, encryption: undefined }
    t.equal(opened(await createRequestObject(order({ wallet }))).payload['wallet_nonce'], nonce)
  }
  const silent = { nonce: undefined, encryption: undefined }
  t.notOk('wallet_nonce' in opened(await createRequestObject(order({ wallet: silent }))).payload)
  t.notOk('wallet_nonce' in opened(await createRequestObject(order())).payload)
})

t.test('a wallet that wants its request encrypted gets it signed and then encrypted', async (t) => {
  const { publicJwk, privateJwk, kid } = generateEncryptionKey()
  const wallet = { nonce: 'n', encryption: { key: publicJwk, enc: 'A256GCM' } } as const
  const jwe = await createRequestObject(order({ wallet }))
  const { header, plaintext } = decryptJwe(jwe, privateJwk, { kid, enc: ['A256GCM'], maxBytes: 65_536 })
  t.match(header, { alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', kid })
  t.match(opened(plaintext).payload, { wallet_nonce: 'n', dcql_query: PUPIL_QUERY })
  const { kid: _, ...nameless } = publicJwk
  const unnamed = await createRequestObject(
    order({ wallet: { nonce: undefined, encryption: { key: nameless, enc: 'A128GCM' } } }),
  )
  t.notOk('kid' in JSON.parse(Buffer.from(unnamed.split('.')[0] ?? '', 'base64url').toString()))
})

t.test('an independent wallet library fetches, verifies and understands the request', async (t) => {
  // That library reads the machine's clock.
  const now = new Date()
  const jwt = await createRequestObject(order({ issuedAt: now, expiresAt: new Date(now.getTime() + 60_000) }))
  const resolved = await resolveOpenid4vpAuthorizationRequest({
    authorizationRequestPayload: Object.fromEntries(
      new URL(authorizationRequestUri('openid4vp', clientId, requestUri).replace('request_uri_method=post', ''))
        .searchParams,
    ) as never,
    responseMode: { type: 'direct_post' },
    callbacks: {
      fetch: async (url: unknown) => {
        t.equal(String(url), requestUri)
        return new Response(jwt, { headers: { 'content-type': 'application/oauth-authz-req+jwt' } })
      },
      hash: (data: Uint8Array) => sha256(Buffer.from(data)),
      verifyJwt: async (_signer: unknown, { compact }: { compact: string }) => {
        opened(compact, now)
        return { verified: true, signerJwk: app.key.publicJwk }
      },
      decryptJwe: async () => ({ decrypted: false }),
      getX509CertificateMetadata: () => ({ sanDnsNames: [], sanUriNames: [] }),
    },
  } as never)
  t.equal(resolved.client.prefix, 'x509_hash')
  t.equal(resolved.client.effective, clientId)
  t.same(resolved.dcql?.query, PUPIL_QUERY)
  t.equal(resolved.version, 100)
})

t.test('what would break the profile is never signed', async (t) => {
  const wrong: Record<string, Partial<RequestObject>> = {
    'the hash of another leaf': { clientId: `x509_hash:${'a'.repeat(43)}` },
    'a short nonce': { nonce: 'n-0S6_WzA2Mj' },
    'a nonce that needs escaping': { nonce: 'a+b/cdefghijklmnopqrstu=' },
    'a short state': { state: 'abc' },
    'a response URI with a fragment': { responseUri: 'https://verifier.example/#here' },
    'a response URI of another kind': { responseUri: 'javascript:alert(1)' },
    'a key that signs and decrypts': { encryptionKey: { ...app.key.publicJwk, kid: 'x' } },
    'an expiry in the past': { expiresAt: NOW },
    'a key without a certificate': { key: { ...app.key, x5c: [] } },
    'a malformed query': { dcqlQuery: { credentials: [] } as never },
  }
  for (const [name, more] of Object.entries(wrong)) await t.rejects(createRequestObject(order(more)), RangeError, name)
})
