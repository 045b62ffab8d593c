import { encryptJwe, generateEncryptionKey, generateSigningKey, signJwt } from '@samen/jwt-profile'
import { CompactEncrypt, importJWK } from 'jose'
import t, { type Test } from 'tap'
import { readAuthorizationResponse } from './authorization-response.ts'

const key = generateEncryptionKey()
const vpToken = { pupil: ['a~b'] }
const state = 'state-of-this-transaction'

async function seal(content: unknown, enc: 'A128GCM' | 'A256GCM' = 'A128GCM', to = key.publicJwk): Promise<string> {
  return encryptJwe(typeof content === 'string' ? content : JSON.stringify(content), to, {}, enc)
}

function refusedWith(t: Test, code: string, form: Record<string, string>, name: string): void {
  t.throws(() => readAuthorizationResponse(form, key), { name: 'ProtocolError', status: 400, cause: { code } }, name)
}

t.test('an encrypted answer is opened, with either content encryption', async (t) => {
  for (const enc of ['A128GCM', 'A256GCM'] as const) {
    const form = { response: await seal({ vp_token: vpToken, state, iss: 'ignored' }, enc), session: 'ignored' }
    t.same(readAuthorizationResponse(form, key), { vpToken, state })
  }
})

t.test('an answer of another library, with party information of its own, is opened', async (t) => {
  const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify({ vp_token: vpToken, state })))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid })
    .setKeyManagementParameters({ apu: Buffer.from('wallet'), apv: Buffer.from('nonce') })
    .encrypt(await importJWK(key.publicJwk, 'ECDH-ES'))
  t.same(readAuthorizationResponse({ response: jwe }, key), { vpToken, state })
})

t.test('an answer in the clear is refused: anyone on the way could have read or written it', async (t) => {
  refusedWith(t, 'response_not_encrypted', { vp_token: JSON.stringify(vpToken), state }, 'plain')
  refusedWith(t, 'response_malformed', { response: await seal({}), vp_token: '{}' }, 'both')
  refusedWith(t, 'response_malformed', { state }, 'neither')
})

t.test('an answer that is encrypted to another key or in another way is refused', async (t) => {
  const other = generateEncryptionKey()
  const renamed = { ...other.publicJwk, kid: key.kid }
  refusedWith(
    t,
    'response_unreadable',
    { response: await seal({ vp_token: vpToken }, 'A128GCM', other.publicJwk) },
    'key',
  )
  refusedWith(t, 'response_unreadable', { response: await seal({ vp_token: vpToken }, 'A128GCM', renamed) }, 'name')
  const recipient = await importJWK(key.publicJwk, 'ECDH-ES')
  const legacy = new CompactEncrypt(Buffer.from('{}'))
  legacy.setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128CBC-HS256', kid: key.kid })
  refusedWith(t, 'response_unreadable', { response: await legacy.encrypt(recipient) }, 'content encryption')
  const wrapped = new CompactEncrypt(Buffer.from('{}'))
  wrapped.setProtectedHeader({ alg: 'ECDH-ES+A128KW', enc: 'A128GCM', kid: key.kid })
  refusedWith(t, 'response_unreadable', { response: await wrapped.encrypt(recipient) }, 'key wrapping')
  refusedWith(t, 'response_unreadable', { response: signJwt(generateSigningKey(), { typ: 'JWT' }, {}) }, 'signed only')
})

t.test('the content must be the answer itself, not a signed wrapper, a list or doubled members', async (t) => {
  const nested = signJwt(generateSigningKey(), { typ: 'JWT' }, { vp_token: vpToken })
  refusedWith(t, 'response_unreadable', { response: await seal(nested) }, 'nested JWS')
  refusedWith(t, 'response_unreadable', { response: await seal('{"vp_token":{},"vp_token":{}}') }, 'twice')
  refusedWith(t, 'response_malformed', { response: await seal([vpToken]) }, 'list')
  refusedWith(t, 'response_malformed', { response: await seal({ vp_token: vpToken, state: 7 }) }, 'state')
})

t.test('an answer without a VP token answers nothing, and still says to which request it belongs', async (t) => {
  for (const content of [{}, { vp_token: 'a~b' }, { vp_token: ['a~b'] }, { vp_token: null }, { vp_token: 7 }]) {
    const read = readAuthorizationResponse({ response: await seal({ ...content, state }) }, key)
    t.same(read, { vpToken: {}, state }, JSON.stringify(content))
  }
})

t.test('a wallet may say no, in the clear or encrypted; its own words go nowhere', async (t) => {
  const plain = (error: string) => readAuthorizationResponse({ error, error_description: '<b>x</b>', state }, key)
  for (const code of ['access_denied', 'invalid_request', 'invalid_client', 'vp_formats_not_supported']) {
    t.same(await plain(code), { error: code, state })
  }
  for (const code of ['invalid_request_uri_method', 'invalid_transaction_data', 'wallet_unavailable']) {
    t.same(await plain(code), { error: code, state })
  }
  t.same(await plain('<script>'), { error: 'other', state })
  t.same(readAuthorizationResponse({ error: 'access_denied' }, key), { error: 'access_denied', state: undefined })
  t.same(readAuthorizationResponse({ response: await seal({ error: 'access_denied', state }) }, key), {
    error: 'access_denied',
    state,
  })
})
