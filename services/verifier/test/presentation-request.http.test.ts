import { decodeJwt, decryptJwe, generateEncryptionKey } from '@samen/jwt-profile'
import t from 'tap'
import { beginWithConsent } from './support/presentations.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, clock } = network
const { wallet, ask, stateOf } = await beginWithConsent(network, 'sterre')

t.test('the signed request is served again until it is answered or has expired', async (t) => {
  const asked = await ask()
  const uri = new URL(asked.authorization_request).searchParams.get('request_uri') ?? ''
  const first = await call('GET', uri)
  t.equal(first.status, 200)
  t.match(first.headers.get('content-type'), 'application/oauth-authz-req+jwt')
  t.equal(first.headers.get('cache-control'), 'no-store')
  const [one, two] = [first, await call('GET', uri)].map(({ text }) => decodeJwt(text, { maxBytes: 65_536 }).payload)
  t.equal(one?.['nonce'], two?.['nonce'])
  t.equal(one?.['client_id'], new URL(asked.authorization_request).searchParams.get('client_id'))
  await wallet.present(asked.authorization_request)
  t.equal((await call('GET', uri)).status, 404, 'answered')
  const late = await ask()
  clock.advance(121)
  t.teardown(() => clock.advance(-121))
  const lateUri = new URL(late.authorization_request).searchParams.get('request_uri') ?? ''
  t.equal((await call('GET', lateUri)).status, 404, 'a QR code lives two minutes')
  t.same(await stateOf(late.id), { state: 'requested' }, 'a wallet that fetched it in time may still answer')
  clock.advance(180)
  t.teardown(() => clock.advance(-180))
  t.same(await stateOf(late.id), { state: 'expired' })
})

t.test('a wallet that posts its nonce gets it back signed; without one there is none', async (t) => {
  const asked = await ask()
  const uri = new URL(asked.authorization_request).searchParams.get('request_uri') ?? ''
  const posted = await call('POST', uri, { form: { wallet_nonce: 'qPmxiNFCR3QTm19POc8u', wallet_metadata: '{}' } })
  t.equal(decodeJwt(posted.text, { maxBytes: 65_536 }).payload['wallet_nonce'], 'qPmxiNFCR3QTm19POc8u')
  for (const silent of [{ form: {} }, {}]) {
    const served = await call('POST', uri, silent)
    t.equal(served.status, 200, 'an empty form, and no body at all')
    t.notOk('wallet_nonce' in decodeJwt(served.text, { maxBytes: 65_536 }).payload)
  }
  t.equal((await call('POST', uri, { json: { wallet_nonce: 'x' } })).status, 415)
  t.equal((await call('POST', uri, { form: { wallet_metadata: '{' } })).status, 400)
  t.equal((await call('POST', uri, { form: { wallet_metadata: 'x'.repeat(60_000) } })).status, 413)
})

t.test('a wallet that sends a key for it gets the request encrypted; one that could not answer is told', async (t) => {
  const uri = new URL((await ask()).authorization_request).searchParams.get('request_uri') ?? ''
  const { publicJwk, privateJwk, kid } = generateEncryptionKey()
  const post = (metadata: object) => call('POST', uri, { form: { wallet_metadata: JSON.stringify(metadata) } })
  const served = await post({ jwks: { keys: [publicJwk] } })
  t.equal(served.headers.get('content-type'), 'application/oauth-authz-req+jwt')
  const policy = { kid, enc: ['A128GCM'] as const, maxBytes: 65_536 }
  const { plaintext } = decryptJwe(served.text, privateJwk, policy)
  t.equal(decodeJwt(plaintext, { maxBytes: 65_536 }).payload['response_mode'], 'direct_post.jwt')
  const refused = await post({ response_modes_supported: ['fragment'] })
  t.match({ status: refused.status, ...refused.body }, { status: 400, error: 'invalid_request' })
})

t.test('nonce, state and key are fresh in every request', async (t) => {
  const requests = []
  for (let i = 0; i < 20; i += 1) requests.push(await wallet.fetchRequest((await ask()).authorization_request))
  for (const pick of [
    (r: { nonce: string }) => r.nonce,
    (r: { state: string }) => r.state,
    (r: { client_metadata: { jwks: { keys: { x: string }[] } } }) => r.client_metadata.jwks.keys[0]?.x,
  ]) {
    t.equal(new Set(requests.map((request) => pick(request as never))).size, 20)
  }
})
