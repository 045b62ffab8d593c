import t from 'tap'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, registry, deps } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)

const ask = async (json: Record<string, unknown> = {}) =>
  call('POST', `/v1/apps/${app.slug}/presentations`, { key: app.apiKey, json: { purpose: purpose.id, ...json } })
const read = async (id: string) =>
  (await call('GET', `/v1/apps/${app.slug}/presentations/${id}`, { key: app.apiKey })).body
const presented = async (pupil: string): Promise<string> => {
  const { body } = await ask()
  await createWallet(network, pupil, [app]).present(body.authorization_request)
  return body.id
}

t.test('a result under a consent that died is not handed out, also without a notice', async (t) => {
  await giveConsent(network, app, purpose, 'sterre', { idx: 2 })
  const [first, second] = [await presented('sterre'), await presented('sterre')]
  t.match(await read(first), { state: 'verified', claims: { year_group: 7 } })
  registry.withdraw(2)
  await deps.consentLists.refresh()
  t.same(await read(second), { state: 'consent_required' })
  t.same(await read(second), { state: 'consent_required' }, 'and it stays so')
})

t.test('without a running lease a result is not handed out either', async (t) => {
  await giveConsent(network, app, purpose, 'bram', { idx: 3 })
  const id = await presented('bram')
  clock.advance(11)
  t.same(await read(id), { state: 'consent_required' })
  await deps.consentLists.refresh()
  t.same(await read(id), { state: 'consent_required' }, 'the claims are gone, the app asks again')
})

t.test('an unread result of a withdrawn consent reads as a missing consent', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'noor', { idx: 4 })
  const id = await presented('noor')
  const body = registry.notice(handle, app)
  await call('POST', `/apps/${app.slug}/events`, { text: { type: 'application/secevent+jwt', body } })
  t.same(await read(id), { state: 'consent_required' })
})

t.test('no wallet is asked under a named consent that was withdrawn or is past its last day', async (t) => {
  const withdrawn = await giveConsent(network, app, purpose, 'fien', { idx: 5 })
  t.equal((await ask({ consent: withdrawn })).status, 201)
  const body = registry.notice(withdrawn, app)
  await call('POST', `/apps/${app.slug}/events`, { text: { type: 'application/secevent+jwt', body } })
  const refused = await ask({ consent: withdrawn })
  t.same([refused.status, refused.body.type], [403, 'urn:samen:problem:consent-ended'])
  t.match(refused.body.detail, 'Ask the guardians again')
  const expired = await giveConsent(network, app, purpose, 'daan', { idx: 6 })
  clock.advance(31 * 86_400)
  t.equal((await ask({ consent: expired })).status, 403)
})

t.test('no wallet and no guardian is asked for a purpose that the registry has rejected', async (t) => {
  const { id } = await registerPurpose(network, app)
  const reject = { name: '', text: `update purpose set state = 'rejected' where id = $1`, values: [id] }
  await deps.db.forTenant(app.slug).run(reject)
  const json = { purpose: id, school: network.school.entityId }
  for (const refused of [
    await ask({ purpose: id }),
    await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json }),
  ]) {
    t.same([refused.status, refused.body.type], [403, 'urn:samen:problem:purpose-rejected'])
    t.match(refused.body.detail, 'Register')
  }
})
