import { X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { decodeJwt, verifyJwt } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { openNode, schoolOf } from './support/issuing-school.ts'
import { PUBLIC_URL } from './support/open-issuer.ts'

interface Type {
  readonly format: string
  readonly vct: string
  readonly credential_metadata: { readonly claims: { path: string[]; display: { locale: string }[] }[] }
}

const ISSUER_PATH = '/.well-known/openid-credential-issuer/schools/de-regenboog'
const SERVER_PATH = '/.well-known/oauth-authorization-server/schools/de-regenboog'

t.test('metadata', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const get = (url: string, headers: Record<string, string> = {}) => node.app.inject({ method: 'GET', url, headers })

  t.test('a wallet finds the metadata between host and path, with the exact identifier', async (t) => {
    const reply = await get(ISSUER_PATH)
    t.equal(reply.statusCode, 200)
    t.equal(String(reply.headers['content-type']).split(';')[0], 'application/json')
    t.equal(reply.json().credential_issuer, school.entityId)
    t.equal((await get('/schools/de-regenboog/.well-known/openid-credential-issuer')).statusCode, 404)
    t.equal((await get(`${ISSUER_PATH}/`)).statusCode, 404)
    t.equal((await get('/.well-known/openid-credential-issuer/schools/no-such-school')).statusCode, 404)
  })

  t.test('no header of the request changes who we say we are', async (t) => {
    const honest = (await get(ISSUER_PATH)).body
    const forged = await get(ISSUER_PATH, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example',
    })
    t.equal(forged.body, honest)
  })

  t.test('whatever is accepted, the media type says what is answered', async (t) => {
    for (const accept of [
      '*/*',
      'application/json',
      'text/html',
      'application/*',
      'nonsense',
      ';;;q=a,,',
      'application/jwt;q=0',
    ])
      t.match((await get(ISSUER_PATH, { accept })).headers['content-type'], /^application\/json/, accept)
    for (const accept of ['application/jwt', 'application/json;q=0.1, application/jwt', 'APPLICATION/JWT'])
      t.equal((await get(ISSUER_PATH, { accept })).headers['content-type'], 'application/jwt', accept)
    t.equal((await get(ISSUER_PATH, { 'accept-language': 'xx, nb;q=0.5' })).statusCode, 200)
  })

  t.test('the signed form says the same, signed by the school with its certificate', async (t) => {
    const jwt = (await get(ISSUER_PATH, { accept: 'application/jwt' })).body
    const { header } = decodeJwt(jwt, { maxBytes: 32_768 })
    const anchors = [new X509Certificate(node.federation.anchor.caPem)]
    const { leafKey, entityId } = verifyX5c(header['x5c'] as string[], { anchors, now: node.clock.now() })
    t.equal(entityId, school.entityId)
    const policy = {
      typ: 'openidvci-issuer-metadata+jwt',
      key: { keyObject: leafKey },
      issuer: school.entityId,
      audience: 'not-used',
      maxAgeSeconds: 10,
      expiry: 'required',
      clockSkewSeconds: 0,
      now: node.clock.now(),
      maxBytes: 32_768,
    } as const
    const { iss, sub, iat, exp, ...metadata } = verifyJwt(jwt, policy).payload
    t.equal(iss, school.entityId)
    t.equal(sub, school.entityId)
    t.type(iat, 'number')
    t.type(exp, 'number')
    t.same(metadata, (await get(ISSUER_PATH)).json())
    const [head, body, signature = ''] = jwt.split('.')
    const flipped = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    t.throws(() => verifyJwt(flipped, policy))
  })

  t.test('every URL that is advertised answers, and nothing else is advertised', async (t) => {
    const metadata = (await get(ISSUER_PATH)).json()
    for (const endpoint of ['credential_endpoint', 'nonce_endpoint', 'notification_endpoint']) {
      const url = metadata[endpoint] as string
      t.ok(url.startsWith(`${PUBLIC_URL}/`))
      t.not((await node.app.inject({ method: 'POST', url: new URL(url).pathname })).statusCode, 404, endpoint)
    }
    t.notOk('deferred_credential_endpoint' in metadata)
    t.equal((await node.app.inject({ method: 'POST', url: '/schools/de-regenboog/deferred' })).statusCode, 404)
    for (const encryption of ['credential_request_encryption', 'credential_response_encryption'])
      t.notOk(encryption in metadata)
  })

  t.test('the school is its own authorization server, for wallets without a name', async (t) => {
    t.notOk('authorization_servers' in (await get(ISSUER_PATH)).json())
    const server = (await get(SERVER_PATH)).json()
    t.equal(server.issuer, school.entityId)
    t.equal(server.token_endpoint, `${school.entityId}/token`)
    t.equal(server['pre-authorized_grant_anonymous_access_supported'], true)
    t.same(server.grant_types_supported, ['urn:ietf:params:oauth:grant-type:pre-authorized_code'])
    t.same(server.dpop_signing_alg_values_supported, ['ES256'])
    t.same(server.authorization_details_types_supported, ['openid_credential'])
  })

  t.test('both types are described in two languages, each claim once', async (t) => {
    const { credential_configurations_supported: types } = (await get(ISSUER_PATH)).json()
    t.same(Object.keys(types), ['pupil', 'guardianship'])
    for (const [id, type] of Object.entries<Type>(types)) {
      t.equal(type.format, 'dc+sd-jwt')
      t.equal(type.vct, `urn:samen:credential:${id}:1`)
      const paths = type.credential_metadata.claims.map((claim) => claim.path.join('.'))
      t.equal(new Set(paths).size, paths.length)
      if (id === 'pupil') t.ok(['holiday_region', 'class_ref', 'board_id'].every((name) => paths.includes(name)))
      for (const claim of type.credential_metadata.claims)
        t.same(
          claim.display.map((each) => each.locale),
          ['nl', 'en'],
        )
    }
  })

  t.test('a school without a certificate publishes the plain form only', async (t) => {
    await node.addSchool('de-wilg', '01AB01')
    await node.db('de-wilg').run(sql`update school_membership set x5c = null where tenant = 'de-wilg'`)
    node.deps.schools.forget('de-wilg')
    t.equal((await schoolOf(node.deps, 'de-wilg')).credentialKey.x5c, undefined)
    const reply = await get('/.well-known/openid-credential-issuer/schools/de-wilg', { accept: 'application/jwt' })
    t.equal(String(reply.headers['content-type']).split(';')[0], 'application/json')
  })
})
