import t from 'tap'
import { sendNotice } from './support/consents.ts'
import { dumpRows } from './support/database.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startRegistry } from './support/registry.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, clock, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const purpose = await registerPurpose(network, app)

t.test('SETPUSH: a notice that comes again is taken again, and nothing happens twice', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'sterre')
  const notice = registry.notice(handle, app)
  const effects = async () => {
    const rows = (await dumpRows(network.superuserUrl)).split('\n').filter((row) => row.includes(handle))
    return rows.sort()
  }
  t.equal((await sendNotice(network, app, notice)).status, 202)
  const once = await effects()
  t.match(once.join('\n'), 'consent.withdrawn')
  const replies = await Promise.all(Array.from({ length: 4 }, () => sendNotice(network, app, notice)))
  t.same([...new Set(replies.map(({ status, text }) => `${status} ${text}`))], ['202 '])
  t.same(await effects(), once)
})

t.test('SETPUSH: whatever is wrong with a notice is said with 400, in two members and a known language', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'noor')
  const rival = await startRegistry(network.others, network.federation, clock.now, '/rival')
  await deps.resolver.refresh()
  for (const [what, err, body] of [
    ['of another registry', 'access_denied', rival.notice(handle, app)],
    ['in the name of the school', 'access_denied', registry.notice(handle, app, { iss: school.entityId })],
    ['to another app', 'authentication_failed', registry.notice(handle, other)],
    ['about nothing of ours', 'invalid_request', registry.notice('A'.repeat(22), app)],
    ['that is none', 'authentication_failed', 'x'],
    ['that is empty', 'invalid_request', ''],
    ['that is endless', 'invalid_request', 'x'.repeat(70_000)],
  ] as const) {
    const { status, body: refusal, headers } = await sendNotice(network, app, body)
    t.same([status, refusal.err, headers.get('content-language')], [400, err, 'en'], what)
    t.same(Object.keys(refusal), ['err', 'description'], what)
    t.match(headers.get('content-type'), /^application\/json/, what)
  }
})

t.test('what is wrong with the request, and not with the notice, is said as everywhere', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'bram')
  const body = registry.notice(handle, app)
  const asJwt = await call('POST', `/apps/${app.slug}/events`, { text: { type: 'application/jwt', body } })
  t.equal(asJwt.status, 415)
  t.equal((await sendNotice(network, { slug: 'nobody' }, body)).status, 404)
  t.equal((await sendNotice(network, app, 'x'.repeat(300_000))).status, 413)
})
