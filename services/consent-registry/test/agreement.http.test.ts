import { AGREEMENT_MESSAGE, CONSENT_REQUEST_MESSAGE } from '@samen/consent'
import t from 'tap'
import {
  agree,
  agreementOn,
  askConsent,
  createApp,
  createSchool,
  dayAfter,
  openRequest,
  purposeOf,
  registerPurpose,
} from './support/members.ts'
import { startWorld } from './support/registry.ts'

t.test('what a school agrees to, and what may be asked under it', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const other = await createApp(world, 'lezen')

  t.test('an agreement needs the very text that was registered', async (t) => {
    const purpose = await registerPurpose(world, app)
    const agreement = agreementOn(world, app, purpose, 'every')
    const bad = [
      { ...agreement, purpose_hash: 'A'.repeat(43) },
      { ...agreement, purpose_version: 2 },
      { ...agreement, app: other.entityId },
      { ...agreement, valid_until: dayAfter(world, -1) },
      { ...agreement, guardians: 'none' },
    ]
    for (const each of bad) {
      t.equal((await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement: each })).status, 400)
    }
    t.equal((await askConsent(world, school, app, purpose)).status, 403, 'and none of them opened the door')
  })

  t.test('an older agreement that arrives late does not replace the newer one', async (t) => {
    const purpose = await registerPurpose(world, app)
    const newer = agreementOn(world, app, purpose, 'every')
    const older = agreementOn(world, app, purpose, 'one')
    const before = new Date(world.clock.now().getTime() - 60_000)
    t.equal((await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement: newer })).status, 201)
    const late = await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement: older }, { now: before })
    t.equal(late.status, 400)
  })

  t.test(
    'a request is put only by the app of the purpose, and only with an agreement in force at that school',
    async (t) => {
      const purpose = await registerPurpose(world, app)
      const east = await createSchool(world, 'east')
      t.equal((await askConsent(world, school, app, purpose)).status, 403, 'no agreement yet')
      await agree(world, school, app, purpose)
      const opened = await askConsent(world, school, app, purpose)
      t.equal(opened.status, 201)
      t.equal(opened.body.page_url, `${world.url}/requests/${opened.body.handle}`)
      const refused = [
        await askConsent(world, school, other, purpose),
        await askConsent(world, east, app, purpose),
        await askConsent(world, school, app, purposeOf(world)),
      ]
      t.same([...new Set(refused.map(({ status }) => status))], [403])
      t.equal(new Set(refused.map(({ text }) => text)).size, 1, 'for whatever reason, in the same words')
      world.clock.advance(151 * 86_400)
      t.equal((await askConsent(world, school, app, purpose)).status, 403, 'the agreement has ended')
      world.clock.advance(-151 * 86_400)
    },
  )

  t.test('a question stays open for at most sixty days', async (t) => {
    const purpose = await registerPurpose(world, app)
    await agree(world, school, app, purpose)
    const request = { purpose_id: purpose.id, purpose_version: 1, school: school.entityId }
    for (const days of [-1, 61]) {
      const expires_at = new Date(world.clock.now().getTime() + days * 86_400_000).toISOString()
      const body = { request: { ...request, expires_at } }
      t.equal((await app.send('/v1/consent-requests', CONSENT_REQUEST_MESSAGE.typ, body)).status, 400)
    }
  })

  t.test('what the school agreed to when the question was put stays with the question', async (t) => {
    const purpose = await registerPurpose(world, app)
    await agree(world, school, app, purpose, 'every')
    const handle = await openRequest(world, school, app, purpose)
    const page = async () => (await world.call('GET', `/requests/${handle}?lang=nl`, { accept: 'text/html' })).text
    const before = await page()
    t.match(before, 'kenmerk VO-2026-17')
    const other = { model: 'Eigen overeenkomst', reference: 'X-1', signed_at: '2026-09-01' }
    const agreement = {
      ...agreementOn(world, app, purpose, 'one'),
      processor_agreement: other,
      valid_until: dayAfter(world, 9),
    }
    t.equal((await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })).status, 201)
    t.equal(await page(), before, 'not a letter of the page has changed')
    const { body } = await world.call('GET', `/requests/${handle}`)
    t.equal(body.guardians, 'every')
  })
})
