import t from 'tap'
import { assertTxCodeUse, readTokenRequest } from './oauth.ts'

const grant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
const form = { grant_type: grant, 'pre-authorized_code': 'SplxlOBeZQQYbYS6WxSbIA' }

t.test('a request has a code, and perhaps a transaction code', async (t) => {
  t.same(readTokenRequest(form), { code: form['pre-authorized_code'], txCode: undefined })
  t.same(readTokenRequest({ ...form, tx_code: '493536' }), { code: form['pre-authorized_code'], txCode: '493536' })
})

t.test('parameters that nobody knows are ignored, and empty ones are as good as none', async (t) => {
  t.same(readTokenRequest({ ...form, client_id: 'wallet', unknown: 'x', tx_code: '' }), {
    code: form['pre-authorized_code'],
    txCode: undefined,
  })
})

t.test('a request without a grant or a code is refused', async (t) => {
  const expected = { name: 'ProtocolError', status: 400, code: 'invalid_request' }
  const { grant_type: _, ...noGrant } = form
  t.throws(() => readTokenRequest(noGrant), expected)
  t.throws(() => readTokenRequest({}), expected)
  t.throws(() => readTokenRequest({ grant_type: grant }), expected)
  t.throws(() => readTokenRequest({ ...form, 'pre-authorized_code': '' }), expected)
  t.throws(() => readTokenRequest(Object.create(form)), expected, 'what is inherited was not sent')
})

t.test('other grants are refused by name', async (t) => {
  const expected = { status: 400, code: 'unsupported_grant_type' }
  for (const other of ['authorization_code', 'refresh_token', 'password', 'client_credentials', 'x']) {
    t.throws(() => readTokenRequest({ ...form, grant_type: other }), expected, other)
  }
})

t.test('a value that cannot be a code is refused before anything is looked up', async (t) => {
  const expected = { status: 400, code: 'invalid_request' }
  for (const wrong of ['a'.repeat(513), 'co\u0000de', 'cödé', 'a\nb', 'a\n', '\ud83d\ude00']) {
    t.throws(() => readTokenRequest({ ...form, 'pre-authorized_code': wrong }), expected)
  }
  t.throws(() => readTokenRequest({ ...form, tx_code: '1'.repeat(65) }), expected)
  t.throws(() => readTokenRequest({ ...form, tx_code: ['1', '2'] as unknown as string }), expected)
  t.ok(readTokenRequest({ ...form, 'pre-authorized_code': 'a'.repeat(512), tx_code: '1'.repeat(64) }))
})

t.test('a transaction code is sent exactly when the offer has one', async (t) => {
  const expected = { status: 400, code: 'invalid_request' }
  t.throws(() => assertTxCodeUse({ code: 'a', txCode: undefined }, true), expected)
  t.throws(() => assertTxCodeUse({ code: 'a', txCode: '1' }, false), expected)
  t.doesNotThrow(() => assertTxCodeUse({ code: 'a', txCode: '1' }, true))
  t.doesNotThrow(() => assertTxCodeUse({ code: 'a', txCode: undefined }, false))
})
