import t from 'tap'
import proofs from '../../../tests/vectors/DPOP/proofs.json' with { type: 'json' }
import { generateSigningKey, importPublicJwk, readPublicJwk, thumbprint } from './jwt-profile.ts'

const key = generateSigningKey().publicJwk

t.test('the thumbprint of the key of RFC 9449 is the one the RFC prints', async (t) => {
  t.equal(thumbprint(readPublicJwk(proofs.jwk)), proofs.jkt)
})

t.test('a name, a use and an algorithm do not change the thumbprint', async (t) => {
  t.equal(thumbprint(key), thumbprint({ x: key.x, y: key.y }))
})

t.test('of a key only the known members are kept', async (t) => {
  t.same(readPublicJwk({ ...key, x5u: 'https://attacker.example', note: 1 }), key)
  t.same(readPublicJwk({ kty: 'EC', crv: 'P-256', x: key.x, y: key.y }), {
    kty: 'EC',
    crv: 'P-256',
    x: key.x,
    y: key.y,
  })
})

t.test('the same key is imported once, under whatever name it comes', async (t) => {
  t.equal(importPublicJwk(key), importPublicJwk({ ...key, kid: 'another' }))
  t.equal(importPublicJwk(key).asymmetricKeyDetails?.namedCurve, 'prime256v1')
})

t.test('what is no public key on P-256 is refused', async (t) => {
  const wrong: unknown[] = [
    undefined,
    null,
    'key',
    [],
    {},
    { ...key, kty: 'RSA' },
    { ...key, kty: 'OKP' },
    { kty: 'oct', k: 'c2VjcmV0' },
    { ...key, crv: 'P-384' },
    { ...key, crv: 'secp256k1' },
    { ...key, x: undefined },
    { ...key, y: 7 },
    { ...key, x: `${key.x}A` },
    { ...key, x: key.x.slice(1) },
    { ...key, x: `${key.x}=` },
    { ...key, kid: 7 },
    { ...key, kid: 'k'.repeat(513) },
    { ...key, use: null },
  ]
  for (const jwk of wrong) t.throws(() => readPublicJwk(jwk), { name: 'JwtError', code: 'invalid_key' })
})

t.test('a key with its private part, or with a symmetric one, is refused', async (t) => {
  t.throws(() => importPublicJwk({ ...key, d: key.x }), { code: 'invalid_key' })
  t.throws(() => importPublicJwk({ ...key, k: key.x }), { code: 'invalid_key' })
})

t.test('a second spelling of the same coordinate is refused: one key would pass for two holders', async (t) => {
  const last = key.x.at(-1) as string
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const twin = `${key.x.slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`
  t.same(Buffer.from(twin, 'base64url'), Buffer.from(key.x, 'base64url'), 'the bytes are the same')
  t.throws(() => importPublicJwk({ ...key, x: twin }), { code: 'invalid_key' })
})

t.test('points that are not on the curve are refused: they leak a private key in a key agreement', async (t) => {
  const coordinate = (byte: number) => Buffer.alloc(32, byte).toString('base64url')
  t.throws(() => importPublicJwk({ ...key, y: key.x }), { code: 'invalid_key' })
  t.throws(() => importPublicJwk({ ...key, x: coordinate(0), y: coordinate(0) }), { code: 'invalid_key' }, 'infinity')
  t.throws(() => importPublicJwk({ ...key, x: coordinate(255) }), { code: 'invalid_key' }, 'larger than the field')
})
