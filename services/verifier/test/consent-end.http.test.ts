import { sql } from '@samen/pg-kit'
import t from 'tap'
import { purgeOldRows } from '../src/purge/purge-old-rows.ts'
import { dumpRows } from './support/database.ts'
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

t.test('a consent that comes after the last one ended counts at once', async (t) => {
  await giveConsent(network, app, purpose, 'mees', { idx: 10 })
  t.match(await read(await presented('mees')), { state: 'verified' })
  await network.deps.db.forTenant(app.slug).run(sql`delete from consent_receipt`)
  await deps.consentLists.findAll()
  clock.advance(11)
  await giveConsent(network, app, purpose, 'yara', { idx: 11 })
  t.match(await read(await presented('yara')), { state: 'verified' })
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
  const reject = sql`update purpose set state = 'rejected' where id = ${id}`
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

// The last one: time goes on.
t.test('the last day of a consent brings the duty to delete', async (t) => {
  const post = (path: string, json: object) => call('POST', `/v1/apps/${app.slug}/${path}`, { key: app.apiKey, json })
  await post('webhooks', { url: 'https://app.example/events' })
  const handle = await giveConsent(network, app, purpose, 'lotte', { idx: 8 })
  const dutyOf = async () => {
    const { body } = await call('GET', `/v1/apps/${app.slug}/deletions`, { key: app.apiKey })
    return body.deletions.find((duty: { consent: string }) => duty.consent === handle)
  }
  await purgeOldRows(deps)
  t.notOk(await dutyOf(), 'not before')
  const lastDay = new Date(clock.now().getTime() + 30 * 86_400_000)
  clock.advance(31 * 86_400)
  await purgeOldRows(deps)
  await purgeOldRows(deps)
  const duty = await dutyOf()
  const deleteBy = new Date(lastDay.getTime() + 30 * 86_400_000).toISOString().slice(0, 10)
  t.match(duty, { delete_by: deleteBy, confirmed_at: null })
  const stateOfConsent = async () =>
    (await call('GET', `/v1/apps/${app.slug}/consent-requests/${handle}`, { key: app.apiKey })).body.state
  t.equal(await stateOfConsent(), 'expired')
  const events = (await dumpRows(network.superuserUrl)).split('\n').filter((row) => row.includes('consent.expired'))
  const queued = events.filter((row) => row.startsWith('jobs.') && row.includes(duty.id) && row.includes(handle))
  t.equal(new Set(queued.map((row) => row.slice(row.indexOf(' ')))).size, 1, 'one event, by ids')
  t.equal(
    (await call('POST', `/v1/apps/${app.slug}/deletions/${duty.id}/confirmation`, { key: app.apiKey })).status,
    200,
  )
  const dump = (await dumpRows(network.superuserUrl)).split('\n').filter((row) => row.includes(handle))
  t.notOk(
    dump.some((row) => row.startsWith('public.consent_receipt')),
    'the receipt is forgotten',
  )
  t.ok(dump.some((row) => row.startsWith('public.outgoing_message') && row.includes('deletion')))
  t.equal(await stateOfConsent(), 'expired')
  const again = registry.receipt({ handle, purpose, school: network.school.entityId, pseudonym: 'x'.repeat(43) })
  const body = await registry.sealReceipt(again, app)
  const late = await call('POST', `/apps/${app.slug}/receipts`, { text: { type: 'application/jose', body } })
  t.equal(late.status, 400, 'and does not come back')
})
