import { ProtocolError } from '@samen/errors'
import t from 'tap'
import { readRequestUriPost } from './request-uri-post.ts'

t.test('the nonce of a wallet is taken as it is, and absence is said', async (t) => {
  t.same(readRequestUriPost({ wallet_nonce: 'qPmxiNFCR3QTm19POc8u', extra: 'ignored' }), {
    walletNonce: 'qPmxiNFCR3QTm19POc8u',
  })
  t.same(readRequestUriPost({}), { walletNonce: 'not-used' })
})

t.test('a wallet that supports our profile among others is served', async (t) => {
  const metadata = {
    vp_formats_supported: { 'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'] }, mso_mdoc: {} },
    client_id_prefixes_supported: ['redirect_uri', 'x509_hash'],
    request_object_signing_alg_values_supported: ['ES256', 'EdDSA'],
    something_new: { deep: [1] },
  }
  t.doesNotThrow(() => readRequestUriPost({ wallet_metadata: JSON.stringify(metadata) }))
  t.doesNotThrow(() => readRequestUriPost({ wallet_metadata: '{}' }))
})

t.test('a wallet that could not use our request is told before it tries', async (t) => {
  const refuses = (metadata: object) =>
    t.throws(() => readRequestUriPost({ wallet_metadata: JSON.stringify(metadata) }), ProtocolError)
  refuses({ request_object_signing_alg_values_supported: ['EdDSA'] })
  refuses({ client_id_prefixes_supported: ['redirect_uri'] })
  refuses({ vp_formats_supported: { mso_mdoc: {} } })
  refuses({ vp_formats_supported: 'dc+sd-jwt' })
})

t.test('metadata that is not strict JSON, or a nonce that is no token, is refused', async (t) => {
  const form = (wallet_metadata: string) => () => readRequestUriPost({ wallet_metadata })
  t.throws(form('{'), ProtocolError)
  t.throws(form('[]'), ProtocolError)
  t.throws(form('{"a":1,"a":2}'), ProtocolError)
  t.throws(form(JSON.stringify({ a: 'x'.repeat(20_000) })), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: 'a b' }), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: '' }), ProtocolError)
  t.throws(() => readRequestUriPost({ wallet_nonce: 'x'.repeat(513) }), ProtocolError)
})
