import { exportSigningKey, generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import {
  ANCHOR,
  type Claims,
  configurationClaims,
  EPOCH,
  entity,
  keySet,
  markClaims,
  NOW,
  SCHOOL,
  signMark,
  signStatement,
  statementClaims,
  without,
} from '../test/mint-federation.ts'
import { readEntityConfiguration, readSubordinateStatement } from './entity-statement.ts'

const anchor = entity(ANCHOR)
const school = entity(SCHOOL)
const stranger = entity('https://stranger.example')

const readOwn = (token: string) =>
  readEntityConfiguration(token, { entityId: SCHOOL, jwks: [school.key.publicJwk], superior: ANCHOR, now: NOW })
const readAbout = (token: string) =>
  readSubordinateStatement(token, { issuer: ANCHOR, subject: SCHOOL, jwks: [anchor.key.publicJwk], now: NOW })

t.test('a school that says who it is under its own key is read', async (t) => {
  const mark = signMark(anchor.key, markClaims(ANCHOR, SCHOOL))
  const claims = {
    ...configurationClaims(school),
    trust_marks: [{ trust_mark_type: 'urn:samen:trust-mark:school', trust_mark: mark }],
  }
  const read = readOwn(signStatement(school.key, claims))
  t.match(read, {
    issuer: SCHOOL,
    subject: SCHOOL,
    authorityHints: [ANCHOR],
    metadata: { openid_credential_issuer: { credential_issuer: SCHOOL } },
    trustMarks: [{ type: 'urn:samen:trust-mark:school', token: mark }],
    expiresAt: new Date((EPOCH + 3600) * 1000),
  })
  t.equal(read.jwks[0]?.kid, school.key.kid)
})

t.test('before enrolment a school can only prove that it holds the key it publishes', async (t) => {
  const policy = { entityId: SCHOOL, jwks: 'own', superior: ANCHOR, now: NOW } as const
  t.equal(readEntityConfiguration(signStatement(school.key, configurationClaims(school)), policy).subject, SCHOOL)
  const foreign = signStatement(stranger.key, { ...configurationClaims(school) })
  t.throws(() => readEntityConfiguration(foreign, policy), { code: 'invalid_statement' })
  t.throws(() => readEntityConfiguration('no token', policy), { code: 'invalid_statement' })
})

t.test('the anchor stands at the top: no superior, and it says where its members are listed', async (t) => {
  const policy = { entityId: ANCHOR, jwks: [anchor.key.publicJwk], superior: 'none', now: NOW } as const
  const endpoints = { federation_fetch_endpoint: `${ANCHOR}/fetch`, federation_list_endpoint: `${ANCHOR}/list` }
  const claims = {
    ...without(configurationClaims(anchor), 'authority_hints'),
    metadata: { federation_entity: endpoints },
  }
  t.equal(readEntityConfiguration(signStatement(anchor.key, claims), policy).subject, ANCHOR)
  const faults: Claims[] = [
    { ...claims, authority_hints: [ANCHOR] },
    { ...claims, trust_anchor_hints: [ANCHOR] },
    { ...claims, metadata: { federation_entity: { federation_fetch_endpoint: `${ANCHOR}/fetch` } } },
    without(claims, 'metadata'),
    { ...claims, metadata: {} },
  ]
  for (const fault of faults) {
    t.throws(() => readEntityConfiguration(signStatement(anchor.key, fault), policy), { code: 'invalid_statement' })
  }
})

const sound = configurationClaims(school)
const second = generateSigningKey()
const CONFIGURATION_FAULTS: Record<string, Claims> = {
  'it is about somebody else': { ...sound, sub: stranger.id },
  'somebody else issued it': { ...sound, iss: stranger.id },
  'it has no issue time': without(sound, 'iat'),
  'it has no end': without(sound, 'exp'),
  'it has ended': { ...sound, exp: EPOCH - 31 },
  'it comes from tomorrow': { ...sound, iat: EPOCH + 86_400, exp: EPOCH + 90_000 },
  'it ends before it begins': { ...sound, iat: EPOCH, exp: EPOCH },
  'its times are texts': { ...sound, iat: `${EPOCH}` },
  'it has no keys': without(sound, 'jwks'),
  'its key set is empty': { ...sound, jwks: { keys: [] } },
  'its keys are a bare list': { ...sound, jwks: keySet(school.key).keys },
  'two keys have one name': {
    ...sound,
    jwks: { keys: [school.key.publicJwk, { ...second.publicJwk, kid: school.key.kid }] },
  },
  'one key has two names': {
    ...sound,
    jwks: { keys: [school.key.publicJwk, { ...school.key.publicJwk, kid: 'again' }] },
  },
  'a key has no name': { ...sound, jwks: { keys: [school.key.publicJwk, without(second.publicJwk, 'kid')] } },
  'a key has an empty name': { ...sound, jwks: { keys: [school.key.publicJwk, { ...second.publicJwk, kid: '' }] } },
  'a private key is published': { ...sound, jwks: { keys: [exportSigningKey(school.key)] } },
  'a key is of another kind': {
    ...sound,
    jwks: { keys: [school.key.publicJwk, { kty: 'RSA', kid: 'r', n: 'AQAB', e: 'AQAB' }] },
  },
  'a key is for encryption': { ...sound, jwks: { keys: [school.key.publicJwk, { ...second.publicJwk, use: 'enc' }] } },
  'there are nine keys': { ...sound, jwks: keySet(school.key, ...Array.from({ length: 8 }, generateSigningKey)) },
  'its own set lacks the key that signed it': { ...sound, jwks: keySet(second) },
  'its own set has another key under that name': {
    ...sound,
    jwks: { keys: [{ ...second.publicJwk, kid: school.key.kid }] },
  },
  'it names no superior': without(sound, 'authority_hints'),
  'it names an empty list of superiors': { ...sound, authority_hints: [] },
  'it names another superior': { ...sound, authority_hints: [stranger.id] },
  'it spells its superior differently': { ...sound, authority_hints: [`${ANCHOR}/`] },
  'it names nine superiors': { ...sound, authority_hints: Array.from({ length: 9 }, () => ANCHOR) },
  'it names an empty list of anchors': { ...sound, trust_anchor_hints: [] },
  'it carries a policy': { ...sound, metadata_policy: {} },
  'it carries critical policy operators': { ...sound, metadata_policy_crit: ['regexp'] },
  'it carries constraints': { ...sound, constraints: {} },
  'it names a source endpoint': { ...sound, source_endpoint: `${ANCHOR}/fetch` },
  'it holds an unknown claim to be critical': { ...sound, jti: 'x', crit: ['jti'] },
  'it holds a standard claim to be critical': { ...sound, crit: ['jwks'] },
  'its list of critical claims is empty': { ...sound, crit: [] },
  'it is addressed to somebody': { ...sound, aud: ANCHOR },
  'it picks an anchor for a registration': { ...sound, trust_anchor: ANCHOR },
  'its metadata is a list': { ...sound, metadata: [] },
  'metadata of a type is null': { ...sound, metadata: { federation_entity: null } },
  'a member of its metadata is null': { ...sound, metadata: { federation_entity: { organization_name: null } } },
  'it puts keys into federation_entity': { ...sound, metadata: { federation_entity: { jwks: keySet(second) } } },
  'it puts a key address into federation_entity': { ...sound, metadata: { federation_entity: { jwks_uri: SCHOOL } } },
  'a role signs with the federation key': {
    ...sound,
    metadata: { openid_credential_verifier: { jwks: { keys: [{ ...school.key.publicJwk, kid: 'another-name' }] } } },
  },
  'it poses as a superior': {
    ...sound,
    metadata: { federation_entity: { federation_fetch_endpoint: `${SCHOOL}/fetch` } },
  },
  'it poses as one that lists members': {
    ...sound,
    metadata: { federation_entity: { federation_list_endpoint: `${SCHOOL}/list` } },
  },
  'it issues credentials in another name': {
    ...sound,
    metadata: { openid_credential_issuer: { credential_issuer: stranger.id } },
  },
  'its authorization server has another name': {
    ...sound,
    metadata: { oauth_authorization_server: { issuer: stranger.id } },
  },
  'a mark is wrapped under another type': {
    ...sound,
    trust_marks: [{ trust_mark_type: 'urn:other', trust_mark: signMark(anchor.key, markClaims(ANCHOR, SCHOOL)) }],
  },
  'a mark is no token': { ...sound, trust_marks: [{ trust_mark_type: 'urn:other', trust_mark: 'x' }] },
  'a mark is wrapped in the old way': {
    ...sound,
    trust_marks: [{ id: 'urn:samen:trust-mark:school', trust_mark: signMark(anchor.key, markClaims(ANCHOR, SCHOOL)) }],
  },
}

for (const [fault, claims] of Object.entries(CONFIGURATION_FAULTS)) {
  t.test(`a school's configuration is refused when ${fault}`, async (t) => {
    t.throws(() => readOwn(signStatement(school.key, claims)), { code: 'invalid_statement' })
  })
}

const HEADER_FAULTS: Record<string, Claims> = {
  'has no type': { typ: undefined },
  'is of another type': { typ: 'JWT' },
  'names no key': { kid: undefined, jwk: undefined },
  'carries a trust chain': { trust_chain: [] },
  'carries the chain of a peer': { peer_trust_chain: [] },
  'has a critical header': { crit: ['b64'], b64: true },
}

for (const [fault, header] of Object.entries(HEADER_FAULTS)) {
  t.test(`a statement is refused when it ${fault}`, async (t) => {
    const strip = (token: string) => (fault === 'names no key' ? resignWithoutKeyId(token) : token)
    t.throws(() => readOwn(strip(signStatement(school.key, sound, header))), { code: 'invalid_statement' })
    const about = statementClaims(anchor, school)
    t.throws(() => readAbout(strip(signStatement(anchor.key, about, header))), { code: 'invalid_statement' })
  })
}

t.test('a configuration under a key that the superior does not vouch for is refused', async (t) => {
  t.throws(() => readOwn(signStatement(second, { ...sound, jwks: keySet(second) })), { code: 'invalid_statement' })
})

t.test('what the anchor says about a school is read', async (t) => {
  const read = readAbout(signStatement(anchor.key, statementClaims(anchor, school)))
  t.match(read, { issuer: ANCHOR, subject: SCHOOL, issuedAt: new Date((EPOCH - 60) * 1000) })
  t.equal(read.jwks[0]?.x, school.key.publicJwk.x)
})

const about = statementClaims(anchor, school)
const STATEMENT_FAULTS: Record<string, Claims> = {
  'it is about another school': { ...about, sub: stranger.id },
  'it is about a school spelled differently': { ...about, sub: `${SCHOOL}/` },
  'it is about the anchor itself': { ...about, sub: ANCHOR },
  'another anchor issued it': { ...about, iss: stranger.id },
  'it has no keys': without(about, 'jwks'),
  'it has no end': without(about, 'exp'),
  'it has ended': { ...about, exp: EPOCH - 31 },
  'it comes from tomorrow': { ...about, iat: EPOCH + 86_400, exp: EPOCH + 90_000 },
  'it overrides metadata': { ...about, metadata: { openid_credential_issuer: {} } },
  'it carries a policy': { ...about, metadata_policy: { openid_credential_issuer: {} } },
  'it carries critical policy operators': { ...about, metadata_policy_crit: ['regexp'] },
  'it carries constraints': { ...about, constraints: { max_path_length: 0 } },
  'it carries an unknown constraint': { ...about, constraints: { colour: 'blue' } },
  'it holds an unknown claim to be critical': { ...about, colour: 'blue', crit: ['colour'] },
  'it names superiors': { ...about, authority_hints: [ANCHOR] },
  'it names anchors': { ...about, trust_anchor_hints: [ANCHOR] },
  'it carries trust marks': { ...about, trust_marks: [] },
  'it says who issues marks': { ...about, trust_mark_issuers: {} },
  'it says who owns marks': { ...about, trust_mark_owners: {} },
  'it is addressed to somebody': { ...about, aud: SCHOOL },
}

for (const [fault, claims] of Object.entries(STATEMENT_FAULTS)) {
  t.test(`the anchor's statement is refused when ${fault}`, async (t) => {
    t.throws(() => readAbout(signStatement(anchor.key, claims)), { code: 'invalid_statement' })
  })
}

t.test('a superior cannot vouch for itself, also inside a chain', async (t) => {
  const policy = { issuer: ANCHOR, subject: 'any', jwks: [anchor.key.publicJwk], now: NOW } as const
  const itself = signStatement(anchor.key, { ...about, sub: ANCHOR })
  t.throws(() => readSubordinateStatement(itself, policy), { code: 'invalid_statement' })
})

t.test('a statement that another key signed in the name of the anchor is refused', async (t) => {
  const forged = { ...stranger.key, kid: anchor.key.kid }
  t.throws(() => readAbout(signStatement(forged, about)), { code: 'invalid_statement' })
})

t.test('an unknown claim that nobody holds to be critical changes nothing', async (t) => {
  t.equal(
    readAbout(signStatement(anchor.key, { ...about, colour: 'blue', source_endpoint: `${ANCHOR}/fetch` })).subject,
    SCHOOL,
  )
})

/** The same claims under a header that names no key; the signature no longer matters, the key cannot be chosen. */
function resignWithoutKeyId(token: string): string {
  const [header = '', ...rest] = token.split('.')
  const { kid: _, ...named } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
  return [Buffer.from(JSON.stringify(named)).toString('base64url'), ...rest].join('.')
}
