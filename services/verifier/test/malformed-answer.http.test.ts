import { encryptJwe } from '@samen/jwt-profile'
import t from 'tap'
import { dumpRows } from './support/database.ts'
import { beginWithConsent } from './support/presentations.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call } = network
const { wallet, ask, stateOf } = await beginWithConsent(network, 'sterre')

t.test('whatever a wallet encrypts to us as its answer is its one answer, also when it is none', async (t) => {
  for (const [what, content] of Object.entries({
    'a bare string': { vp_token: 'a~b' },
    'a list': { vp_token: ['a~b'] },
    'a list in a list': { vp_token: { pupil: [['a~b']] } },
    'an empty object': { vp_token: {} },
    'nothing at all': {},
  })) {
    const asked = await ask()
    const request = await wallet.fetchRequest(asked.authorization_request)
    const [key] = request.client_metadata.jwks.keys
    const send = async (state?: string) => {
      const form = { response: await encryptJwe(JSON.stringify({ ...content, state }), key, {}, 'A256GCM') }
      return (await call('POST', request.response_uri, { form })).status
    }
    t.equal(await send(), 400, `${what}, without the state anybody could`)
    t.same(await stateOf(asked.id), { state: 'requested' }, what)
    t.equal(await send(request.state), 400, what)
    t.same(await stateOf(asked.id), { state: 'refused' }, what)
    t.equal(await send(request.state), 404, what)
  }
  const audited = (await dumpRows(network.superuserUrl)).match(/presentation\.answered,[^\n]*vp_token_malformed/g)
  t.equal(audited?.length, 5, 'and the audit says why')
})
