import t from 'tap'
import { decodeJwt, generateSigningKey, signJwt } from './jwt-profile.ts'

const limits = { maxBytes: 100_000 }
const key = { ...generateSigningKey(), x5c: ['bGVhZg=='] }
const headerOf = (token: string) => decodeJwt(token, limits).header

t.test('the header says what it is for, with which algorithm and by which key', async (t) => {
  t.same(headerOf(signJwt(key, { typ: 'a+jwt' }, {})), { typ: 'a+jwt', alg: 'ES256', kid: key.kid })
  t.same(headerOf(signJwt(key, { typ: 'a+jwt' }, {})), { typ: 'a+jwt', alg: 'ES256', kid: key.kid }, 'kept')
  t.same(headerOf(signJwt(key, { typ: 'b+jwt' }, {})), { typ: 'b+jwt', alg: 'ES256', kid: key.kid })
})

t.test('the certificate travels only where it is asked to', async (t) => {
  const expected = { typ: 'a+jwt', x5c: key.x5c, alg: 'ES256', kid: key.kid }
  t.same(headerOf(signJwt(key, { typ: 'a+jwt', x5c: key.x5c }, {})), expected)
  t.same(headerOf(signJwt(key, { typ: 'a+jwt', x5c: key.x5c }, {})), expected, 'kept')
  t.notOk('x5c' in headerOf(signJwt(key, { typ: 'a+jwt' }, {})))
})

t.test('a renewed certificate is the one that travels', async (t) => {
  const renewing: { -readonly [K in keyof typeof key]: (typeof key)[K] } = { ...key }
  signJwt(renewing, { typ: 'a+jwt', x5c: renewing.x5c }, {})
  renewing.x5c = ['bmV3']
  t.same(headerOf(signJwt(renewing, { typ: 'a+jwt', x5c: renewing.x5c }, {}))['x5c'], ['bmV3'])
})

t.test('other headers are taken as they are, but never the algorithm or the name of the key', async (t) => {
  const header = headerOf(signJwt(key, { typ: 'a+jwt', cty: 'x', alg: 'none', kid: 'of another' }, {}))
  t.same(header, { typ: 'a+jwt', cty: 'x', alg: 'ES256', kid: key.kid })
  t.same(headerOf(signJwt(key, { typ: 'a+jwt', iat: 1 }, {}))['iat'], 1)
  t.same(headerOf(signJwt(key, { typ: 'a+jwt', iat: 2 }, {}))['iat'], 2)
})

t.test('many kinds of token do not fill the memory with headers', async (t) => {
  for (let i = 0; i < 200; i += 1) {
    t.equal(headerOf(signJwt(key, { typ: `kind-${i}` }, {}))['typ'], `kind-${i}`)
  }
})

t.test('claims keep their characters, and undefined ones stay away', async (t) => {
  const { payload, signature } = decodeJwt(signJwt(key, { typ: 'a' }, { name: 'Zoë 😀', none: undefined }), limits)
  t.same(payload, { name: 'Zoë 😀' })
  t.equal(signature.length, 64)
})
