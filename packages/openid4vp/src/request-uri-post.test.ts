import { ProtocolError } from '@samen/errors'
import { generateEncryptionKey, generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { PresentationError } from './refusal.ts'
import { readRequestUriPost } from './request-uri-post.ts'

const read = (metadata: object) => readRequestUriPost({ wallet_metadata: JSON.stringify(metadata) })

t.test('the nonce of a wallet is taken as it is, whatever it spells; nothing at all is fine too', async (t) => {
  for (const nonce of ['qPmxiNFCR3QTm19POc8u', 'not-used', 'undefined']) {
    t.same(readRequestUriPost({ wallet_nonce: nonce, extra: 'ignored' }), { nonce, encryption: undefined })
  }
  t.same(readRequestUriPost({}), { nonce: undefined, encryption: undefined })
})

t.test('a wallet that supports our profile among others is served', async (t) => {
  const metadata = {
    vp_formats_supported: {
      'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256', 'EdDSA'] },
      mso_mdoc: {},
    },
    client_id_prefixes_supported: ['redirect_uri', 'x509_hash'],
    response_types_supported: ['vp_token', 'vp_token id_token'],
    response_modes_supported: ['fragment', 'direct_post', 'direct_post.jwt'],
    request_object_signing_alg_values_supported: ['ES256', 'EdDSA'],
    authorization_encryption_alg_values_supported: ['ECDH-ES', 'ECDH-ES+A256KW'],
    authorization_encryption_enc_values_supported: ['A128CBC-HS256', 'A256GCM'],
    something_new: { deep: [1] },
  }
  t.same(read(metadata), { nonce: undefined, encryption: undefined })
  t.doesNotThrow(() => read({}))
  t.doesNotThrow(() => read({ vp_formats_supported: { 'dc+sd-jwt': {} } }))
})

t.test('a wallet that could not use our request is told before it tries, in words that say why', async (t) => {
  const cannot: object[] = [
    { request_object_signing_alg_values_supported: ['EdDSA'] },
    { client_id_prefixes_supported: ['redirect_uri'] },
    { vp_formats_supported: { mso_mdoc: {} } },
    { vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES384'] } } },
    { vp_formats_supported: { 'dc+sd-jwt': { 'kb-jwt_alg_values': ['EdDSA'] } } },
    { response_types_supported: ['id_token'] },
    { response_modes_supported: ['direct_post', 'fragment'] },
    { authorization_encryption_alg_values_supported: ['RSA-OAEP-256'] },
    { authorization_encryption_enc_values_supported: ['A128CBC-HS256'] },
  ]
  for (const metadata of cannot) {
    const error = t.throws(() => read(metadata), { status: 400, code: 'invalid_request' }) as unknown as ProtocolError
    t.match(error.cause, new PresentationError('wallet_metadata_unsupported'), JSON.stringify(metadata))
    t.match(error.description, /the wallet does not support/)
  }
})

t.test('a wallet that sends keys for it gets its request encrypted to one of them', async (t) => {
  const { publicJwk: key } = generateEncryptionKey()
  const signing = { ...generateSigningKey().publicJwk, use: 'sig' }
  const foreign = { kty: 'RSA', n: 'AQAB', e: 'AQAB', use: 'enc' }
  const asked = (more: object, ...keys: object[]) => read({ jwks: { keys }, ...more }).encryption
  t.same(asked({}, signing, foreign, key), { key, enc: 'A128GCM' })
  t.same(asked({ request_object_encryption_enc_values_supported: ['A256GCM'] }, key), { key, enc: 'A256GCM' })
  t.equal(asked({}, signing), undefined, 'a key that signs receives nothing')
  t.equal(asked({}), undefined)
  const { d: _, ...bare } = { ...key, d: undefined, use: undefined, alg: undefined }
  t.match(asked({}, bare)?.key, { x: key.x }, 'a key that does not say what it is for')
  const cannot = { status: 400, code: 'invalid_request' }
  t.throws(() => asked({}, foreign), cannot)
  t.throws(() => asked({}, { ...key, alg: 'ECDH-ES+A256KW' }), cannot)
  t.throws(() => asked({}, { ...key, x: key.y }), cannot, 'not on the curve')
  t.throws(() => asked({}, { ...key, d: 'AAAA' }), cannot, 'a private key')
  t.throws(() => asked({ request_object_encryption_alg_values_supported: ['RSA-OAEP'] }, key), cannot)
  t.throws(() => asked({ request_object_encryption_enc_values_supported: ['A128CBC-HS256'] }, key), cannot)
})

t.test('metadata that is not strict JSON, or a nonce that is no token, is refused', async (t) => {
  const form = (wallet_metadata: string) => () => readRequestUriPost({ wallet_metadata })
  t.throws(form('{'), ProtocolError)
  t.throws(form('[]'), ProtocolError)
  t.throws(form('{"a":1,"a":2}'), ProtocolError)
  t.throws(form(JSON.stringify({ a: 'x'.repeat(20_000) })), ProtocolError)
  t.throws(form('{"vp_formats_supported":"dc+sd-jwt"}'), ProtocolError)
  t.throws(form('{"jwks":{"keys":["x"]}}'), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: 'a b' }), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: '' }), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: 'x'.repeat(513) }), ProtocolError)
})
