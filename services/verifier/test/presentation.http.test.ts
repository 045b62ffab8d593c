import { decodeJwt, decryptJwe, generateEncryptionKey, generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { purgeOldRows } from '../src/purge/purge-old-rows.ts'
import { countStatements, dumpRows } from './support/database.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { LIST_TTL_SECONDS, startSchool } from './support/school.ts'
import { startNetwork } from './support/verifier.ts'
import { askedPaths, createWallet, typeNumber } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, school } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const purpose = await registerPurpose(network, app)
const consent = await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app, other])

const ask = async (json: Record<string, unknown> = {}, by = app) =>
  (await call('POST', `/v1/apps/${by.slug}/presentations`, { key: by.apiKey, json: { purpose: purpose.id, ...json } }))
    .body
const read = async (id: string, by = app) => call('GET', `/v1/apps/${by.slug}/presentations/${id}`, { key: by.apiKey })
const stateOf = async (id: string) => (await read(id)).body

t.test('the app gets two facts and a pseudonym, once', async (t) => {
  const asked = await ask()
  t.match(asked.authorization_request, /^haip-vp:\/\/\?client_id=x509_hash/)
  t.same((await read(asked.id)).body, { state: 'requested' })
  const answered = await wallet.present(asked.authorization_request)
  t.equal(answered.status, 200)
  t.same(Object.keys(answered.body), ['redirect_uri'])
  t.same((await read(asked.id)).body, {
    state: 'verified',
    claims: { year_group: 7, age_over_12: false },
    pseudonym: school.pseudonym(app.entityId, 'sterre'),
  })
  t.same((await read(asked.id)).body, { state: 'verified' }, 'the claims are gone')
})

t.test('of readers at the same time one gets the claims', async (t) => {
  const asked = await ask()
  await wallet.present(asked.authorization_request)
  const replies = await Promise.all(Array.from({ length: 12 }, () => read(asked.id)))
  t.equal(replies.filter(({ body }) => body.claims).length, 1)
})

t.test('claims that nobody reads are gone after five minutes', async (t) => {
  const asked = await ask()
  await wallet.present(asked.authorization_request)
  clock.advance(301)
  t.teardown(() => clock.advance(-301))
  t.same(await stateOf(asked.id), { state: 'verified' })
})

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

t.test('every kind of refusal reads the same to the app, byte for byte', async (t) => {
  const refusedBy = async (make: (link: string) => Promise<unknown>) => {
    const asked = await ask()
    await make(asked.authorization_request)
    return (await read(asked.id)).text
  }
  const stranger = createWallet(network, 'sterre', [app], { iss: 'https://issuer.example/schools/other' })
  const bodies = [
    await refusedBy((link) => stranger.present(link)),
    await refusedBy((link) => wallet.present(link, { audience: 'x509_hash:another' })),
    await refusedBy((link) => wallet.present(link, { now: new Date(0) })),
    await refusedBy((link) => wallet.present(link, { disclose: [['year_group']] })),
    await refusedBy((link) => wallet.present(link, { vpToken: (text) => ({ pupil: text }) })),
    await refusedBy(async (link) => {
      const { response_uri, state } = await wallet.fetchRequest(link)
      await call('POST', response_uri, { form: { error: 'access_denied', error_description: '<b>', state } })
    }),
  ]
  t.same([...new Set(bodies)], ['{"state":"refused"}'])
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

t.test('a surplus claim is refused and stored nowhere', async (t) => {
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const form = await wallet.answer(request, { disclose: [...askedPaths(request), ['given_name']] })
  t.equal((await call('POST', request.response_uri, { form })).status, 400)
  t.same(await stateOf(asked.id), { state: 'refused' })
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

t.test('the sibling in the same wallet has no consent; nor has an app that never asked', async (t) => {
  const sibling = createWallet(network, 'broertje', [app, other])
  await giveConsent(network, app, purpose, 'a third child, not presented yet')
  const asked = await ask()
  t.equal((await sibling.present(asked.authorization_request)).status, 200)
  t.same(await stateOf(asked.id), { state: 'consent_required' })
  const theirs = await registerPurpose(network, other)
  const foreign = await ask({ purpose: theirs.id }, other)
  await wallet.present(foreign.authorization_request)
  t.same((await read(foreign.id, other)).body, { state: 'consent_required' })
})

t.test('a consent that is named covers its own child only', async (t) => {
  const sibling = createWallet(network, 'broertje', [app, other])
  const asked = await ask({ consent })
  await sibling.present(asked.authorization_request)
  t.same(await stateOf(asked.id), { state: 'consent_required' })
  await giveConsent(network, app, purpose, 'nichtje')
  const niece = await ask({ consent })
  await createWallet(network, 'nichtje', [app, other]).present(niece.authorization_request)
  t.same(await stateOf(niece.id), { state: 'consent_required' }, 'although she has one of her own')
  const again = await ask({ consent })
  await wallet.present(again.authorization_request)
  t.equal((await stateOf(again.id)).state, 'verified')
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

t.test('nobody at the school or the registry hears of a presentation', async (t) => {
  network.others.seen.length = 0
  for (let i = 0; i < 3; i += 1) {
    const asked = await ask()
    await wallet.present(asked.authorization_request)
    t.equal((await stateOf(asked.id)).state, 'verified')
  }
  t.same(network.others.seen, [])
})

t.test('without a live list there is no consent, and no presentation makes us fetch one', async (t) => {
  const answered = async () => {
    const asked = await ask()
    await wallet.present(asked.authorization_request)
    return (await stateOf(asked.id)).state
  }
  await network.deps.consentLists.refresh()
  network.registry.goAway()
  await network.deps.consentLists.refresh()
  t.equal(await answered(), 'verified', 'the lease still runs')
  clock.advance(11)
  network.others.seen.length = 0
  t.equal(await answered(), 'consent_required')
  network.registry.comeBack()
  t.equal(await answered(), 'consent_required', 'until the timer has fetched it')
  t.same(network.others.seen, [])
  await network.deps.consentLists.refresh()
  t.equal(await answered(), 'verified')
})

t.test('a presentation needs four statements, and four to confirm it and read it', async (t) => {
  // One before that is not counted: a connection that was idle for long is made anew, and told its tenant.
  const warm = await ask()
  await wallet.present(warm.authorization_request)
  await read(warm.id)
  const counted = { statements: 0 }
  const stop = countStatements(counted)
  const asked = await ask()
  const { body: answered } = await wallet.respond(asked.authorization_request)
  const presented = counted.statements
  await typeNumber(network, [app], answered.redirect_uri)
  const { body } = await read(asked.id)
  stop()
  t.equal(body.state, 'verified')
  t.equal(presented, 4, 'make, serve, spend, keep')
  t.equal(counted.statements - presented, 4, 'show the number, count the try, release, read')
})

t.test('the log and the database hold no claim, name, pseudonym or token of a presentation', async (t) => {
  const asked = await ask()
  await wallet.present(asked.authorization_request)
  const { body } = await read(asked.id)
  const dump = await dumpRows(network.superuserUrl)
  const found = [
    body.pseudonym,
    'canary',
    wallet.credential.slice(-60),
    app.apiKey,
    asked.authorization_request.slice(-22),
  ]
  for (const secret of found) {
    t.notOk(network.log.join('\n').includes(secret), 'log')
    t.notOk(dump.includes(secret), 'database')
    t.notOk(dump.includes(Buffer.from(secret).toString('hex')), 'database, as bytes')
  }
})

t.test('an hour after its time nothing is left of a request but its audit entries', async (t) => {
  await ask()
  t.match(await dumpRows(network.superuserUrl), /public\.presentation /)
  clock.advance(3_600 + 301)
  await purgeOldRows(network.deps)
  const dump = await dumpRows(network.superuserUrl)
  t.notMatch(dump, /public\.presentation(_result)? /)
  t.match(dump, /presentation\.answered/)
  t.match(dump, /public\.consent_receipt /, 'the consents stay')
})
