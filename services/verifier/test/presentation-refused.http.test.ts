import { generateEncryptionKey, generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { beginWithConsent } from './support/presentations.ts'
import { LIST_TTL_SECONDS, startSchool } from './support/school.ts'
import { startNetwork } from './support/verifier.ts'
import { askedPaths, createWallet, typeNumber } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, school } = network
const { app, other, wallet, ask, stateOf } = await beginWithConsent(network, 'sterre')

t.test('of the same answer posted at the same time one is accepted, and never again afterwards', async (t) => {
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const form = await wallet.answer(request)
  const replies = await Promise.all(Array.from({ length: 12 }, () => call('POST', request.response_uri, { form })))
  t.equal(replies.filter(({ status }) => status === 200).length, 1)
  t.ok(replies.every(({ status }) => status === 200 || status === 404))
  t.equal((await call('POST', request.response_uri, { form })).status, 404)
  await typeNumber(network, [app], replies.find(({ status }) => status === 200)?.body.redirect_uri)
  t.equal((await stateOf(asked.id)).state, 'verified')
})

t.test('a presentation of another transaction, or kept for later, is refused, and cannot be repaired', async (t) => {
  const stale = await ask()
  const request = await wallet.fetchRequest(stale.authorization_request)
  const replayed = await wallet.answer(request, { nonce: 'AAAAAAAAAAAAAAAAAAAAAA' })
  t.equal((await call('POST', request.response_uri, { form: replayed })).status, 400)
  t.same(await stateOf(stale.id), { state: 'refused' })
  t.equal((await call('POST', request.response_uri, { form: await wallet.answer(request) })).status, 404)
  t.same(await stateOf(stale.id), { state: 'refused' })
})

t.test('an answer with the state of another request changes nothing', async (t) => {
  const [one, two] = [await ask(), await ask()]
  const [first, second] = [
    await wallet.fetchRequest(one.authorization_request),
    await wallet.fetchRequest(two.authorization_request),
  ]
  const form = await wallet.answer(first, { state: second.state })
  t.equal((await call('POST', first.response_uri, { form })).status, 400)
  t.same([(await stateOf(one.id)).state, (await stateOf(two.id)).state], ['requested', 'requested'])
  const foreignKey = { ...first, client_metadata: { jwks: { keys: [generateEncryptionKey().publicJwk] } } }
  t.equal((await call('POST', first.response_uri, { form: await wallet.answer(foreignKey) })).status, 400)
  t.equal((await call('POST', first.response_uri, { form: await wallet.answer(first) })).status, 200, 'still open')
})

t.test('a wallet that says no ends the request, and is answered with 200', async (t) => {
  for (const error of ['access_denied', 'wallet_unavailable', 'something_new']) {
    const asked = await ask()
    const { response_uri, state } = await wallet.fetchRequest(asked.authorization_request)
    t.equal((await call('POST', response_uri, { form: { error } })).status, 400, 'without the state anybody could')
    const reply = await call('POST', response_uri, { form: { error, state } })
    t.equal(reply.status, 200)
    t.match(reply.headers.get('content-type'), 'application/json')
    t.same(await stateOf(asked.id), { state: 'refused' })
    t.equal((await call('POST', response_uri, { form: { error, state } })).status, 404)
  }
})

t.test('an answer in the clear, as JSON, doubled or too large is refused and changes nothing', async (t) => {
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const { response_uri, state } = request
  t.equal((await call('POST', response_uri, { form: { vp_token: '{"pupil":["a~b"]}', state } })).status, 400)
  const { response } = await wallet.answer(request)
  t.equal((await call('POST', response_uri, { json: { response } })).status, 415)
  const doubled = { type: 'application/x-www-form-urlencoded', body: `response=${response}&response=${response}` }
  t.equal((await call('POST', response_uri, { text: doubled })).status, 400)
  t.equal((await call('POST', response_uri, { form: { response: 'x'.repeat(500_000) } })).status, 413)
  t.same(await stateOf(asked.id), { state: 'requested' })
})

t.test('a revoked credential is refused before the time to live of its list is over', async (t) => {
  const revoked = createWallet(network, 'sterre', [app], { idx: 77 })
  school.revoke(77)
  clock.advance(LIST_TTL_SECONDS / 2)
  await Promise.all([network.deps.schoolLists.refreshDue(), network.deps.consentLists.refresh()])
  const asked = await ask()
  t.equal((await revoked.present(asked.authorization_request)).status, 400)
  t.same(await stateOf(asked.id), { state: 'refused' })
})

t.test('a credential without a pseudonym for this app is refused', async (t) => {
  const without = createWallet(network, 'sterre', [other])
  const asked = await ask()
  const request = await without.fetchRequest(asked.authorization_request)
  const disclose = askedPaths(request).filter(([first]) => first !== 'pseudonyms')
  t.equal((await call('POST', request.response_uri, { form: await without.answer(request, { disclose }) })).status, 400)
  t.same(await stateOf(asked.id), { state: 'refused' })
})

t.test('a school cannot speak for its neighbour', async (t) => {
  const neighbour = await startSchool(network.others, network.federation, 'weide', clock.now)
  await network.deps.resolver.refresh()
  const holder = generateSigningKey()
  const wanted = { pupil: 'sterre', audiences: [app.entityId], listUri: `${school.entityId}/status-lists/1` }
  const inItsName = neighbour.issue(holder.publicJwk, { ...wanted, iss: school.entityId })
  const pretender = createWallet(network, 'sterre', [app], { credential: inItsName, holder })
  const asked = await ask()
  t.equal((await pretender.present(asked.authorization_request)).status, 400, 'with its own certificate')
  const elsewhere = createWallet(network, 'sterre', [app], {
    credential: neighbour.issue(holder.publicJwk, wanted),
    holder,
  })
  const again = await ask()
  t.equal((await elsewhere.present(again.authorization_request)).status, 400, 'with a status list of the neighbour')
  network.federation.expel(neighbour.entityId)
  await network.deps.resolver.refresh()
  const own = createWallet(network, 'x', [app], {
    credential: neighbour.issue(holder.publicJwk, { pupil: 'x', audiences: [app.entityId] }),
    holder,
  })
  const late = await ask()
  t.equal((await own.present(late.authorization_request)).status, 400, 'after it was expelled')
})

t.test('a copy of the credential without its key is worth nothing', async (t) => {
  const thief = createWallet(network, 'sterre', [app], { credential: wallet.credential, holder: generateSigningKey() })
  const asked = await ask()
  t.equal((await thief.present(asked.authorization_request)).status, 400)
  t.same(await stateOf(asked.id), { state: 'refused' })
})
