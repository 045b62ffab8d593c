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
