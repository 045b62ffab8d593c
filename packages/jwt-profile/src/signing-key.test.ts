import { createECDH } from 'node:crypto'
import t from 'tap'
import rfc from '../../../tests/vectors/RFC7515/a3-es256.json' with { type: 'json' }
import {
  exportSigningKey,
  generateEncryptionKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  signJwt,
  thumbprint,
  verifyJwt,
} from './jwt-profile.ts'

t.test('a fresh key is named by its thumbprint and marked for signing', async (t) => {
  const key = generateSigningKey()
  t.equal(key.kid, thumbprint(key.publicJwk))
  t.match(key.publicJwk, { kty: 'EC', crv: 'P-256', kid: key.kid, alg: 'ES256', use: 'sig' })
  t.notOk('d' in key.publicJwk, 'the private part stays out of the public one')
  t.not(generateSigningKey().kid, key.kid)
})

t.test('a key comes out of storage as it went in', async (t) => {
  const key = generateSigningKey()
  const again = importSigningKey(JSON.parse(JSON.stringify(exportSigningKey(key))))
  t.same(again.publicJwk, key.publicJwk)
  const token = signJwt(again, { typ: 'test+jwt' }, { a: 1 })
  t.same(verifyJwt(token, anybody({ jwk: key.publicJwk })).payload, { a: 1 })
})

t.test('a key keeps the name it was given', async (t) => {
  const jwk = { ...exportSigningKey(generateSigningKey()), kid: 'school-2026' }
  t.equal(importSigningKey(jwk).kid, 'school-2026')
  t.equal(importSigningKey(jwk).publicJwk.kid, 'school-2026')
})

t.test('private parts are always 32 bytes, also when the number is small', async (t) => {
  for (let i = 0; i < 600; i += 1) {
    const { d } = generateEncryptionKey().privateJwk
    if (d.length !== 43) t.fail(`a private part of ${d.length} characters`)
  }
  const small = createECDH('prime256v1')
  small.setPrivateKey(Buffer.from([7]))
  const point = small.getPublicKey()
  const jwk: PrivateJwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    d: Buffer.concat([Buffer.alloc(31), Buffer.from([7])]).toString('base64url'),
  }
  t.equal(exportSigningKey(importSigningKey(jwk)).d, jwk.d)
})

t.test('parts that do not belong together make no key', async (t) => {
  const jwk = rfc.jwk as PrivateJwk
  const other = exportSigningKey(generateSigningKey())
  t.throws(() => importSigningKey({ ...jwk, d: other.d }), { code: 'invalid_key' })
  t.throws(() => importSigningKey({ ...jwk, d: '' }), { code: 'invalid_key' })
  t.throws(() => importSigningKey({ ...jwk, crv: 'P-384' as 'P-256' }), { code: 'invalid_key' })
})

function anybody(key: { jwk: PrivateJwk | ReturnType<typeof generateSigningKey>['publicJwk'] }) {
  return {
    typ: 'test+jwt',
    key,
    issuer: 'not-used',
    audience: 'not-used',
    maxAgeSeconds: 'not-used',
    expiry: 'not-used',
    clockSkewSeconds: 0,
    now: new Date(0),
    maxBytes: 4096,
  } as const
}
