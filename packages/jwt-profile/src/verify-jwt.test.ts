import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import rfc from '../../../tests/vectors/RFC7515/a3-es256.json' with { type: 'json' }
import { derToConcatenated } from './ecdsa-signature.ts'
import {
  exportSigningKey,
  generateSigningKey,
  importPublicJwk,
  type JwtErrorCode,
  type JwtPolicy,
  signJwt,
  verifyJwt,
} from './jwt-profile.ts'

const now = new Date('2026-11-24T12:00:00Z')
const seconds = now.getTime() / 1000
const key = generateSigningKey()
const other = generateSigningKey()
const claims = { iss: 'https://school.example', aud: 'https://registry.example', iat: seconds, exp: seconds + 60 }
const policy: JwtPolicy = {
  typ: 'samen-test+jwt',
  key: { jwk: key.publicJwk },
  issuer: 'https://school.example',
  audience: 'https://registry.example',
  maxAgeSeconds: 300,
  expiry: 'required',
  clockSkewSeconds: 10,
  now,
  maxBytes: 4096,
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const text = (value: string | Buffer) => Buffer.from(value).toString('base64url')

/** Signs whatever it is given: what an attacker with a key can do. */
function forge(header: string, payload: string, by = key): string {
  const signature = derToConcatenated(sign('sha256', Buffer.from(`${header}.${payload}`), by.privateKey))
  return `${header}.${payload}.${signature.toString('base64url')}`
}

const withHeader = (header: object) =>
  forge(encode({ alg: 'ES256', typ: policy.typ, kid: key.kid, ...header }), encode(claims))
const withClaims = (changed: object) => signJwt(key, { typ: policy.typ }, { ...claims, ...changed })

function refused(t: Test, token: string, code: JwtErrorCode, about: string, changed: Partial<JwtPolicy> = {}) {
  t.throws(() => verifyJwt(token, { ...policy, ...changed }), { name: 'JwtError', code }, about)
}

t.test('a token that keeps to the policy is believed', async (t) => {
  const { header, payload, jwk } = verifyJwt(withClaims({}), policy)
  t.same(payload, claims)
  t.same(header, { alg: 'ES256', typ: policy.typ, kid: key.kid })
  t.equal(jwk, undefined)
})

t.test('jose reads what we sign, and we read what jose signs', async (t) => {
  const theirs = await importJWK(exportSigningKey(key), 'ES256')
  const ours = await importJWK(key.publicJwk, 'ES256')
  const { payload } = await jwtVerify(withClaims({}), ours, { currentDate: now, typ: 'samen-test+jwt' })
  t.same(payload, claims)
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: policy.typ }).sign(theirs)
  t.same(verifyJwt(token, policy).payload, claims)
})

t.test('the token of RFC 7515 A.3 is refused: it does not say what it is for', async (t) => {
  refused(t, rfc.jws, 'wrong_type', 'no typ', { key: { jwk: rfc.jwk as never } })
})

t.test('every other algorithm is refused, above all the ones that need no secret of ours', async (t) => {
  const payload = encode(claims)
  for (const alg of ['none', 'None', 'HS256', 'RS256', 'PS256', 'ES384', 'ES256K', 'EdDSA', 'es256', '', null, 1]) {
    refused(t, withHeader({ alg }), 'unsupported_algorithm', String(alg))
  }
  const none = encode({ alg: 'none', typ: policy.typ })
  refused(t, `${none}.${payload}.`, 'unsupported_algorithm', 'none without a signature')
  const head = encode({ alg: 'HS256', typ: policy.typ, kid: key.kid })
  const pem = importPublicJwk(key.publicJwk).export({ type: 'spki', format: 'pem' })
  const mac = createHmac('sha256', pem).update(`${head}.${payload}`).digest()
  refused(t, `${head}.${payload}.${text(mac)}`, 'unsupported_algorithm', 'HMAC with our public key as its secret')
})

t.test('a key of another kind never verifies under the name of ES256', async (t) => {
  const head = encode({ alg: 'ES256', typ: policy.typ })
  const input = Buffer.from(`${head}.${encode(claims)}`)
  for (const pair of [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    generateKeyPairSync('ed25519'),
  ]) {
    const keyObject = createPublicKey(pair.privateKey)
    const digest = keyObject.asymmetricKeyType === 'ed25519' ? null : 'sha256'
    const token = `${input}.${text(sign(digest, input, pair.privateKey))}`
    refused(t, token, 'invalid_key', String(keyObject.asymmetricKeyType), { key: { keyObject } })
  }
  refused(t, withClaims({}), 'invalid_key', 'our own private key', { key: { keyObject: key.privateKey } })
  t.ok(verifyJwt(withClaims({}), { ...policy, key: { keyObject: importPublicJwk(key.publicJwk) } }))
})

t.test('a signature holds for one text and one key', async (t) => {
  const [head, body, signature] = withClaims({}).split('.') as [string, string, string]
  refused(t, `${head}.${encode({ ...claims, sub: 'other' })}.${signature}`, 'invalid_signature', 'other claims')
  refused(
    t,
    `${encode({ alg: 'ES256', typ: policy.typ, kid: 'k' })}.${body}.${signature}`,
    'invalid_signature',
    'header',
  )
  refused(t, withClaims({}), 'invalid_signature', 'other key', { key: { jwk: other.publicJwk } })
  refused(t, `${head}.${body}.${text(Buffer.alloc(64))}`, 'invalid_signature', 'zeros')
  refused(t, `${head}.${body}.`, 'invalid_signature', 'none')
  const bytes = Buffer.from(signature, 'base64url')
  refused(t, `${head}.${body}.${text(bytes.subarray(0, 63))}`, 'invalid_signature', 'cut')
  refused(t, `${head}.${body}.${text(Buffer.concat([bytes, Buffer.from([0])]))}`, 'invalid_signature', 'longer')
  const der = sign('sha256', Buffer.from(`${head}.${body}`), key.privateKey)
  refused(t, `${head}.${body}.${text(der)}`, 'invalid_signature', 'in the form of certificates')
})

t.test('a token of another kind does not pass for this one', async (t) => {
  for (const typ of ['JWT', 'dpop+jwt', 'application/samen-test+jwt', 'SAMEN-TEST+JWT', undefined, 1]) {
    refused(t, withHeader({ typ }), 'wrong_type', String(typ))
  }
})

t.test('headers that fetch keys, change what is signed or must be understood are refused', async (t) => {
  for (const header of [
    { crit: ['exp'] },
    { crit: [] },
    { b64: false, crit: ['b64'] },
    { b64: true },
    { jku: 'https://attacker.example/jwks' },
    { x5u: 'https://attacker.example/cert' },
    { zip: 'DEF' },
    { enc: 'A128GCM' },
  ]) {
    refused(t, withHeader(header), 'forbidden_header', Object.keys(header).join())
  }
})

t.test('a key that comes with the token is refused, unless it was asked for', async (t) => {
  const { kty, crv, x, y } = other.publicJwk
  const jwk = { kty, crv, x, y }
  const brought = signJwt(other, { typ: policy.typ, jwk }, claims)
  refused(t, brought, 'forbidden_header', 'not asked for')
  refused(t, brought, 'forbidden_header', 'beside a key set', { key: { jwks: [key.publicJwk] } })
  const asked = { ...policy, key: 'embedded-jwk' } as const
  t.same(verifyJwt(brought, asked).jwk, jwk)
  t.same(verifyJwt(brought, asked).header, { alg: 'ES256', typ: policy.typ, jwk }, 'and then no kid beside it')
  refused(t, withClaims({}), 'forbidden_header', 'asked for and not brought', { key: 'embedded-jwk' })
  refused(t, signJwt(key, { typ: policy.typ, jwk }, claims), 'invalid_signature', 'that of another', asked)
  const secret = { ...jwk, d: exportSigningKey(other).d }
  refused(t, signJwt(other, { typ: policy.typ, jwk: secret }, claims), 'invalid_key', 'private', asked)
  const offCurve = { ...jwk, y: jwk.x }
  refused(t, signJwt(other, { typ: policy.typ, jwk: offCurve }, claims), 'invalid_key', 'off the curve', asked)
  for (const wrong of [null, 'key', [], { kty: 'oct', k: 'AAAA' }, { ...jwk, use: 'enc' }, { ...jwk, alg: 'RS256' }]) {
    refused(
      t,
      forge(encode({ alg: 'ES256', typ: policy.typ, jwk: wrong }), encode(claims)),
      'invalid_key',
      'no key',
      asked,
    )
  }
})

t.test('of several keys the named one is taken, and a name must be clear', async (t) => {
  const jwks = [other.publicJwk, key.publicJwk]
  t.ok(verifyJwt(withClaims({}), { ...policy, key: { jwks } }))
  refused(t, withClaims({}), 'unknown_key', 'not among them', { key: { jwks: [other.publicJwk] } })
  refused(t, withHeader({ kid: undefined }), 'unknown_key', 'no name', { key: { jwks } })
  refused(t, withHeader({ kid: 1 }), 'unknown_key', 'no text', { key: { jwks } })
  const twins = [key.publicJwk, { ...other.publicJwk, kid: key.kid }]
  refused(t, withClaims({}), 'unknown_key', 'two keys of one name', { key: { jwks: twins } })
  const nameless = { ...key.publicJwk }
  delete nameless.kid
  refused(t, withHeader({ kid: undefined }), 'unknown_key', 'two without a name', { key: { jwks: [nameless] } })
})

t.test('a key for encryption or another algorithm verifies no signature', async (t) => {
  refused(t, withClaims({}), 'invalid_key', 'enc', { key: { jwk: { ...key.publicJwk, use: 'enc' } } })
  refused(t, withClaims({}), 'invalid_key', 'alg', { key: { jwk: { ...key.publicJwk, alg: 'ECDH-ES' } } })
  const bare = { ...key.publicJwk }
  delete bare.use
  delete bare.alg
  t.ok(verifyJwt(withClaims({}), { ...policy, key: { jwk: bare } }))
})

t.test('a token for somebody else is refused, and so is one for several', async (t) => {
  refused(t, withClaims({ aud: 'https://other.example' }), 'wrong_audience', 'another')
  refused(t, withClaims({ aud: [policy.audience] }), 'wrong_audience', 'a list of one')
  refused(t, withClaims({ aud: [policy.audience, 'https://other.example'] }), 'wrong_audience', 'a list of two')
  refused(t, withClaims({ aud: `${policy.audience}/` }), 'wrong_audience', 'almost')
  refused(t, withClaims({ aud: undefined }), 'missing_claim', 'nobody')
  t.ok(verifyJwt(withClaims({ aud: 'x' }), { ...policy, audience: 'not-used' }))
})

t.test('a token of somebody else is refused', async (t) => {
  refused(t, withClaims({ iss: 'https://other.example' }), 'wrong_issuer', 'another')
  refused(t, withClaims({ iss: undefined }), 'missing_claim', 'nobody')
  refused(t, withClaims({ iss: [policy.issuer] }), 'wrong_issuer', 'a list')
  t.ok(verifyJwt(withClaims({ iss: undefined }), { ...policy, issuer: 'not-used' }))
})

t.test('time runs out on the second, give or take the agreed difference of clocks', async (t) => {
  t.ok(verifyJwt(withClaims({ exp: seconds - 9 }), policy))
  refused(t, withClaims({ exp: seconds - 10 }), 'expired', 'on the second')
  refused(t, withClaims({ exp: undefined }), 'missing_claim', 'no end')
  t.ok(verifyJwt(withClaims({ exp: undefined }), { ...policy, expiry: 'optional' }))
  refused(t, withClaims({ exp: seconds - 10 }), 'expired', 'an end that was not demanded', { expiry: 'optional' })
  t.ok(verifyJwt(withClaims({ exp: 1 }), { ...policy, expiry: 'not-used' }))
  t.ok(verifyJwt(withClaims({ nbf: seconds + 10 }), policy))
  refused(t, withClaims({ nbf: seconds + 11 }), 'not_yet_valid', 'too early')
  for (const claim of ['exp', 'nbf', 'iat']) {
    for (const value of [String(seconds), null, [seconds], true]) {
      refused(t, withClaims({ [claim]: value }), 'malformed', `${claim} as ${typeof value}`)
    }
  }
})

t.test('a token is young: neither old nor from the future', async (t) => {
  t.ok(verifyJwt(withClaims({ iat: seconds - 310 }), policy))
  refused(t, withClaims({ iat: seconds - 311 }), 'too_old', 'old')
  t.ok(verifyJwt(withClaims({ iat: seconds + 10 }), policy))
  refused(t, withClaims({ iat: seconds + 11 }), 'not_yet_valid', 'from the future')
  refused(t, withClaims({ iat: undefined }), 'missing_claim', 'without a time')
  t.ok(verifyJwt(withClaims({ iat: undefined }), { ...policy, maxAgeSeconds: 'not-used' }))
})

t.test('only the compact form in its one spelling is a token', async (t) => {
  const token = withClaims({})
  const [head, body, signature] = token.split('.') as [string, string, string]
  const broken = [
    '',
    '.',
    '..',
    head,
    `${head}.${body}`,
    `${token}.`,
    `${token}.x.y`,
    ` ${token}`,
    `${token}\n`,
    `${head}=.${body}.${signature}`,
    `${head}.${body}.${signature}=`,
    token.replaceAll('_', '/').replaceAll('-', '+').concat('+'),
    JSON.stringify({ protected: head, payload: body, signature }),
  ]
  for (const wrong of broken) refused(t, wrong, 'malformed', JSON.stringify(wrong.slice(0, 20)))
  refused(t, token, 'too_large', 'longer than agreed', { maxBytes: token.length - 1 })
  t.ok(verifyJwt(token, { ...policy, maxBytes: token.length }))
})

t.test('two readers cannot read two things in one token', async (t) => {
  const good = encode({ alg: 'ES256', typ: policy.typ })
  const doubled = `{"alg":"none","alg":"ES256","typ":"${policy.typ}"}`
  refused(t, forge(text(doubled), encode(claims)), 'malformed', 'a doubled algorithm')
  refused(t, forge(good, text('{"iss":"a","iss":"b"}')), 'malformed', 'a doubled claim')
  refused(t, forge(good, text('{"__proto__":{"iss":"https://school.example"}}')), 'malformed', 'a prototype')
  refused(t, forge(good, text(`{"a":${'['.repeat(40)}${']'.repeat(40)}}`)), 'malformed', 'deep')
  refused(t, forge(good, text('{"iat":1e999}')), 'malformed', 'a huge number')
  refused(t, forge(good, text('{"a":"\\ud800"}')), 'malformed', 'half a character')
  refused(t, forge(good, text(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))), 'malformed', 'no UTF-8')
  for (const wrong of ['[]', '"text"', 'null', '1', '{']) refused(t, forge(good, text(wrong)), 'malformed', wrong)
})

t.test('a refusal never repeats the token', async (t) => {
  try {
    verifyJwt(withClaims({ iss: 'Anna de Vries' }), policy)
    t.fail('it was believed')
  } catch (error) {
    t.notMatch(String(error), 'Anna')
  }
})
