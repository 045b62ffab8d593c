import { ProtocolError } from '@samen/errors'
import { generateSigningKey, type SigningKey, signJwt, thumbprint } from '@samen/jwt-profile'
import t from 'tap'
import { verifyJwtProof, verifyJwtProofs } from './verify-jwt-proof.ts'

const issuer = 'https://issuer.example/schools/de-regenboog'
const now = new Date('2026-11-24T10:00:00Z')
const seconds = now.getTime() / 1000
const policy = { issuer, clientId: 'anonymous', now, maxAgeSeconds: 300 }

function proofBy(key: SigningKey, header: object = {}, payload: object = {}): string {
  const { x, y } = key.publicJwk
  return signJwt(
    key,
    { typ: 'openid4vci-proof+jwt', jwk: { kty: 'EC', crv: 'P-256', x, y }, ...header },
    { aud: issuer, iat: seconds, nonce: 'n-1', ...payload },
  )
}

/** Replaces parts of a proof without signing again. */
function forge(proof: string, header: object, payload: object = {}): string {
  const [h = '', p = '', s = ''] = proof.split('.')
  const merge = (part: string, extra: object) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...extra })).toString(
      'base64url',
    )
  return [merge(h, header), merge(p, payload), s].join('.')
}

const key = generateSigningKey()
const other = generateSigningKey()
const { d: _, ...publicPart } = { ...key.publicJwk, d: undefined }

t.test('a wallet that answers our nonce with its key has proved that key', async (t) => {
  const proved = verifyJwtProof(proofBy(key), policy)
  t.equal(proved.nonce, 'n-1')
  t.equal(proved.thumbprint, thumbprint(key.publicJwk))
  t.same(Object.keys(proved.holderKey).sort(), ['crv', 'kty', 'x', 'y'], 'public members only')
})

t.test('the proof printed in the specification verifies', async (t) => {
  // VCI#jwt-proof-type, the example
  const proof =
    'eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiblVXQW9BdjNYWml0aDhFN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJIc2tIVThCalVpMVU5WHFpN1N3bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwczovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1wbGUuY29tIiwiaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3LeDD5DVGEnNMT01FCQW4P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA'
  const proved = verifyJwtProof(proof, {
    ...policy,
    issuer: 'https://credential-issuer.example.com',
    now: new Date(1_701_960_444_000),
  })
  t.equal(proved.nonce, 'LarRGSbmUPYtRYO6BQ4yn8')
})

const refused: Record<string, () => string> = {
  'a plain JWT': () => proofBy(key, { typ: 'JWT' }),
  'a DPoP proof': () => proofBy(key, { typ: 'dpop+jwt' }),
  'a key binding of a presentation': () => proofBy(key, { typ: 'kb+jwt' }),
  'no type': () => proofBy(key, { typ: undefined as never }),
  'alg none': () => forge(proofBy(key), { alg: 'none' }),
  'a symmetric algorithm': () => forge(proofBy(key), { alg: 'HS256' }),
  'an algorithm that is not advertised': () => forge(proofBy(key), { alg: 'ES384' }),
  'no key': () => proofBy(key, { jwk: undefined, kid: 'a' }),
  'jwk and kid': () => proofBy(key, { kid: 'did:example:1#0' }),
  'jwk and x5c': () => proofBy(key, { x5c: ['AAAA'] }),
  'a private key in the header': () => proofBy(key, { jwk: { ...publicPart, d: 'AAAA' } }),
  'somebody else’s key': () => proofBy(key, { jwk: other.publicJwk }),
  'a point that is not on the curve': () => proofBy(key, { jwk: { ...publicPart, y: publicPart.x } }),
  'an endpoint as audience': () => proofBy(key, {}, { aud: `${issuer}/credential` }),
  'a trailing slash': () => proofBy(key, {}, { aud: `${issuer}/` }),
  'another school': () => proofBy(key, {}, { aud: 'https://issuer.example/schools/de-wilg' }),
  'a list of audiences': () => proofBy(key, {}, { aud: [issuer, 'https://other.example'] }),
  'no audience': () => proofBy(key, {}, { aud: undefined }),
  'an hour in the future': () => proofBy(key, {}, { iat: seconds + 3600 }),
  'a day old': () => proofBy(key, {}, { iat: seconds - 86_400 }),
  'no time': () => proofBy(key, {}, { iat: undefined }),
  'no nonce': () => proofBy(key, {}, { nonce: undefined }),
  'a nonce that is no string': () => proofBy(key, {}, { nonce: 7 }),
  'a client that is not known': () => proofBy(key, {}, { iss: 'https://wallet.example' }),
  'changed claims': () => forge(proofBy(key), {}, { nonce: 'n-2' }),
  'a header that points elsewhere': () => proofBy(key, { jku: 'https://attacker.example' }),
  'a longer text than any proof': () => proofBy(key, {}, { filler: 'x'.repeat(4_096) }),
  'no JWT at all': () => 'hello',
}

for (const [what, make] of Object.entries(refused))
  t.test(`a proof with ${what} is refused as invalid_proof`, async (t) => {
    const error = t.throws(() => verifyJwtProof(make(), policy)) as unknown
    t.ok(error instanceof ProtocolError)
    t.match(error, { status: 400, code: 'invalid_proof' })
  })

t.test('a clock that is half a minute ahead is tolerated, an iss is not needed', async (t) => {
  t.equal(verifyJwtProof(proofBy(key, {}, { iat: seconds + 30 }), policy).nonce, 'n-1')
  t.equal(verifyJwtProof(proofBy(key, {}, { iat: seconds - 299 }), policy).nonce, 'n-1')
})

t.test('a wallet that gave its name for the token may repeat it, and no other', async (t) => {
  const known = { ...policy, clientId: 'https://wallet.example' }
  for (const iss of ['https://wallet.example', undefined])
    t.equal(verifyJwtProof(proofBy(key, {}, { iss }), known).nonce, 'n-1')
  for (const iss of ['https://other.example', 'https://wallet.example/', '', 'anonymous', ['https://wallet.example']]) {
    t.throws(() => verifyJwtProof(proofBy(key, {}, { iss }), known), { code: 'invalid_proof' }, JSON.stringify(iss))
    t.throws(
      () => verifyJwtProof(proofBy(key, {}, { iss }), policy),
      { code: 'invalid_proof' },
      'nor when nobody is named',
    )
  }
})

t.test('one bad proof among good ones refuses them all, and no key is bound twice', async (t) => {
  t.equal(verifyJwtProofs([proofBy(key), proofBy(other)], policy).length, 2)
  t.throws(() => verifyJwtProofs([proofBy(key), proofBy(other, { typ: 'JWT' })], policy), { code: 'invalid_proof' })
  t.throws(() => verifyJwtProofs([proofBy(key), proofBy(key, {}, { nonce: 'n-2' })], policy), { code: 'invalid_proof' })
})
