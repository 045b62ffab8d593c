import t from 'tap'
import { createMembershipPull } from '../src/membership/pull-membership.ts'
import { dumpRows } from './support/database.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, deps, federation, others } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)
await giveConsent(network, app, purpose, 'sterre')
const wallet = createWallet(network, 'sterre', [app])
const pull = createMembershipPull(deps)
await pull()

const ask = () => call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json: { purpose: purpose.id } })
const fetchRequest = (link: string) => call('GET', new URL(link).searchParams.get('request_uri') ?? '')

t.test('an expelled app asks no wallet', async (t) => {
  const [unfetched, unanswered] = [(await ask()).body, (await ask()).body]
  const request = await wallet.fetchRequest(unanswered.authorization_request)
  const form = await wallet.answer(request)
  const comeBack = federation.expel(app.entityId)
  clock.advance(301)
  await pull()
  const refused = await ask()
  t.same([refused.status, refused.body.type], [403, 'urn:samen:problem:not-a-member'])
  t.equal((await fetchRequest(unfetched.authorization_request)).status, 403, 'what it asked before is not shown')
  t.equal((await call('POST', request.response_uri, { form })).status, 403, 'and not answered')
  t.match(await dumpRows(network.superuserUrl), /app\.expelled/)
  comeBack()
  await pull()
  t.equal((await ask()).status, 201, 'taken in again')
})

t.test('an app whose mark is taken away asks no wallet, although it is still on the list', async (t) => {
  const comeBack = federation.expel(app.entityId, 'marks only')
  clock.advance(301)
  await pull()
  t.equal((await ask()).status, 403)
  comeBack()
  await pull()
  t.equal((await ask()).status, 201)
})

t.test('an anchor that is away stops nobody before the mark has run out', async (t) => {
  await deps.consentLists.refresh()
  const certificates = others.answers.get('GET /anchor/certificates')
  others.answers.set('GET /anchor/certificates', () => ({ status: 502, type: 'text/html', body: '' }))
  clock.advance(301)
  await pull()
  const asked = await ask()
  t.equal(asked.status, 201)
  t.equal((await wallet.respond(asked.body.authorization_request)).status, 200)
  clock.advance(86_400)
  await pull()
  const late = await ask()
  t.same([late.status, late.body.type], [503, 'urn:samen:problem:not-a-member'])
  t.ok(late.headers.get('retry-after'))
  if (certificates) others.answers.set('GET /anchor/certificates', certificates)
  await pull()
  t.equal((await ask()).status, 201)
})
