import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { sendNotice, sendReceipt } from './support/consents.ts'
import { presentTo } from './support/presentations.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startRegistry } from './support/registry.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, clock, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const purpose = await registerPurpose(network, app)

const presented = (pupil: string) => presentTo(network, app, purpose, pupil)

t.test('a receipt of a stranger, for another app or about another question opens nothing', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'tweede')
  const about = { handle, purpose, school: school.entityId, pseudonym: school.pseudonym(app.entityId, 'tweede') }
  const receipt = registry.receipt(about)
  const sealed = (bent = {}, more = {}, to = app) => registry.sealReceipt({ ...receipt, ...more }, to, bent)
  const rival = await startRegistry(network.others, network.federation, clock.now, '/rival')
  await deps.resolver.refresh()
  const refusals: [string, number, string][] = [
    ['of another registry of the federation', 403, await rival.sealReceipt(rival.receipt(about), app)],
    ['signed by a stranger', 400, await sealed({ key: generateSigningKey() })],
    ['of another type of message', 400, await sealed({ typ: 'secevent+jwt' })],
    ['for another audience', 400, await sealed({ aud: other.entityId })],
    ['ten minutes old', 400, await sealed({ now: new Date(clock.now().getTime() - 600_000) })],
    ['in the name of the school', 403, await sealed({ iss: school.entityId })],
    ['in the name of nobody', 403, await sealed({ iss: 'http://127.0.0.1:9/registry' })],
    ['about an unknown question', 400, await sealed({}, { handle: 'A'.repeat(22) })],
    ['about another purpose', 400, await sealed({}, { purpose_version: 2 })],
    ['about another school', 400, await sealed({}, { school: 'https://issuer.example/schools/other' })],
    [
      'with a list elsewhere',
      400,
      await sealed({}, { status: { status_list: { uri: 'https://evil.example/list', idx: 1 } } }),
    ],
    ['encrypted to another app', 400, await sealed({}, {}, other)],
    ['not encrypted', 400, registry.notice(handle, app)],
  ]
  for (const [name, status, body] of refusals) {
    const reply = await sendReceipt(network, app, body)
    t.equal(reply.status, status, name)
    t.notMatch(reply.text, handle, name)
  }
  t.equal(
    (await call('POST', `/apps/${app.slug}/receipts`, { text: { type: 'application/jwt', body: await sealed() } }))
      .status,
    415,
  )
  t.equal((await sendReceipt(network, { slug: 'nobody' }, await sealed())).status, 404)
})

t.test(
  'a notice of a stranger or about a consent of another app changes nothing, in the words of its protocol',
  async (t) => {
    const handle = await giveConsent(network, app, purpose, 'negende', { idx: 9 })
    const forged = await sendNotice(network, app, registry.notice(handle, app, { key: generateSigningKey() }))
    t.same([forged.status, Object.keys(forged.body)], [400, ['err', 'description']])
    t.equal((await sendNotice(network, app, registry.notice(handle, app, { iss: school.entityId }))).status, 400)
    const rival = await startRegistry(network.others, network.federation, clock.now, '/second-rival')
    await deps.resolver.refresh()
    t.equal(
      (await sendNotice(network, app, rival.notice(handle, app))).status,
      400,
      'of another registry of the federation',
    )
    t.equal((await sendNotice(network, other, registry.notice(handle, app))).status, 400, 'for another audience')
    t.equal((await sendNotice(network, other, registry.notice(handle, other))).status, 400, 'not a consent of that app')
    t.equal((await sendNotice(network, app, registry.notice(handle, app, { typ: 'samen-receipt+jwt' }))).status, 400)
    t.equal(await presented('negende'), 'verified')
  },
)
