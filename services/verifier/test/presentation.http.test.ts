import t from 'tap'
import { countStatements } from './support/database.ts'
import { beginWithConsent } from './support/presentations.ts'
import { startNetwork } from './support/verifier.ts'
import { typeNumber } from './support/wallet.ts'

const network = await startNetwork(t)
const { clock, school } = network
const { app, wallet, ask, read, stateOf } = await beginWithConsent(network, 'sterre')

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
  t.same(await stateOf(asked.id), { state: 'expired' })
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
