import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { purgeOldRows } from '../src/purge/purge-old-rows.ts'
import { dumpRows } from './support/database.ts'
import { beginWithConsent, presentTo } from './support/presentations.ts'
import { startNetwork } from './support/verifier.ts'
import { askedPaths, createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock } = network
const { app, purpose, wallet, ask, read, stateOf } = await beginWithConsent(network, 'sterre')

// A list is fetched where it is seen for the first time, and from then on by a timer: this was the first time.
await presentTo(network, app, purpose, 'sterre')

t.test('every kind of refusal reads the same to the app, byte for byte', async (t) => {
  const refusedBy = async (make: (link: string) => Promise<unknown>) => {
    const asked = await ask()
    await make(asked.authorization_request)
    return (await read(asked.id)).text
  }
  const stranger = createWallet(network, 'sterre', [app], { iss: 'https://issuer.example/schools/other' })
  const thief = createWallet(network, 'sterre', [app], { credential: wallet.credential, holder: generateSigningKey() })
  const bodies = [
    await refusedBy((link) => stranger.present(link)),
    await refusedBy((link) => thief.present(link)),
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

t.test('a surplus claim is refused and stored nowhere', async (t) => {
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const form = await wallet.answer(request, { disclose: [...askedPaths(request), ['given_name']] })
  t.equal((await call('POST', request.response_uri, { form })).status, 400)
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
