import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { createVerifierApp } from '../src/app.ts'
import { dumpRows, failInserts } from './support/database.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startSchool } from './support/school.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet, typeNumber } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, others } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)

const ask = async () =>
  (await call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json: { purpose: purpose.id } })).body
const read = async (id: string) =>
  (await call('GET', `/v1/apps/${app.slug}/presentations/${id}`, { key: app.apiKey })).body

/** A school that nobody here has met, with a child that has a consent, and the child's wallet. */
async function newSchool(slug: string) {
  const school = await startSchool(others, network.federation, slug, clock.now)
  await network.deps.resolver.refresh()
  await giveConsent({ ...network, school }, app, purpose, slug)
  const holder = generateSigningKey()
  const credential = school.issue(holder.publicJwk, { pupil: slug, audiences: [app.entityId] })
  return { school, wallet: createWallet(network, slug, [app], { credential, holder }) }
}

/** Takes an answer away from the world, and gives the means to put it back. */
function takeAway(name: string): () => void {
  const answer = others.answers.get(name)
  if (answer === undefined) throw new Error('there is no such answer')
  others.answers.delete(name)
  return () => void others.answers.set(name, answer)
}

t.test('a wallet may answer again after a 503', async (t) => {
  const { wallet } = await newSchool('weide')
  const comeBack = takeAway('GET /schools/weide/status-lists/1')
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const form = await wallet.answer(request)
  const away = await call('POST', request.response_uri, { form })
  t.equal(away.status, 503)
  t.ok(away.headers.get('retry-after'))
  t.same(await read(asked.id), { state: 'requested' }, 'nothing was decided')
  comeBack()
  const replies = await Promise.all(Array.from({ length: 8 }, () => call('POST', request.response_uri, { form })))
  const taken = replies.filter(({ status }) => status === 200)
  t.equal(taken.length, 1, 'of answers at the same time one')
  t.ok(replies.every(({ status }) => status === 200 || status === 404))
  t.equal((await call('POST', request.response_uri, { form })).status, 404, 'and none afterwards')
  await typeNumber(network, [app], taken[0]?.body.redirect_uri)
  t.match(await read(asked.id), { state: 'verified', claims: { year_group: 7 } })
  t.match(
    await dumpRows(network.superuserUrl),
    /presentation\.answered,[^\n]*temporarily_unavailable/,
    'the audit shows both',
  )
})

t.test('the same when the database fails while an answer is being stored', async (t) => {
  const { wallet } = await newSchool('waard')
  const comeBack = await failInserts(t, network.superuserUrl, 'presentation_result')
  const asked = await ask()
  const request = await wallet.fetchRequest(asked.authorization_request)
  const form = await wallet.answer(request)
  t.equal((await call('POST', request.response_uri, { form })).status, 503)
  await comeBack()
  t.equal((await call('POST', request.response_uri, { form })).status, 200)
})

t.test('a request that one process has seen answered is served by no other', async (t) => {
  const { wallet } = await newSchool('akker')
  const elsewhere = createVerifierApp(await network.openAgain(t))
  t.teardown(() => elsewhere.close())
  const asked = await ask()
  const { pathname } = new URL(new URL(asked.authorization_request).searchParams.get('request_uri') ?? '')
  const served = async () => (await elsewhere.inject({ method: 'GET', url: pathname })).statusCode
  t.equal(await served(), 200, 'it keeps the request in memory now')
  t.equal((await wallet.respond(asked.authorization_request)).status, 200)
  t.equal(await served(), 404)
})
