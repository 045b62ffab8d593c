import {
  AGREEMENT_MESSAGE,
  CONSENT_REQUEST_MESSAGE,
  MARK_APP_VENDOR,
  MARK_CONSENT_REGISTRY,
  MARK_SCHOOL,
  PURPOSE_MESSAGE,
  purposeHash,
} from '@samen/consent'
import { generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
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
  type TestApp,
} from './support/members.ts'
import { startWorld } from './support/registry.ts'

t.test('what nodes tell the registry', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const other = await createApp(world, 'lezen')
  const asJson = (value: unknown) => value as JsonObject
  const registerAs = (sender: Pick<TestApp, 'send'>, purpose: unknown, bent = {}) =>
    sender.send('/v1/purposes', PURPOSE_MESSAGE.typ, { purpose: asJson(purpose) }, bent)

  t.test('a purpose is published word for word, as a page, as JSON and as the app signed it', async (t) => {
    const purpose = await registerPurpose(world, app)
    const path = `/purposes/${purpose.id}/1`
    const { body } = await world.call('GET', path)
    t.same(body, {
      registry: world.url,
      app: app.entityId,
      app_name: 'App rekenen',
      purpose,
      purpose_hash: purposeHash(purpose),
    })
    const page = await world.call('GET', path, { accept: 'text/html' })
    t.match(page.text, 'Rekenen op eigen niveau')
    const signed = await world.call('GET', path, { accept: 'application/jwt' })
    t.equal(signed.text.split('.').length, 3)
    t.equal((await world.call('GET', `/purposes/${purpose.id}/2`)).status, 404)
  })

  t.test(
    'a registered version is never replaced, a new version may follow, and the id stays with its app',
    async (t) => {
      const purpose = await registerPurpose(world, app)
      const changed = { ...purpose, retention: 'P9Y' }
      t.equal((await registerAs(app, changed)).status, 409)
      t.equal((await registerAs(other, { ...changed, version: 2 })).status, 409)
      t.equal((await registerAs(app, { ...changed, version: 2 })).status, 201)
      const { body } = await world.call('GET', `/purposes/${purpose.id}/1`)
      t.equal(body.purpose.retention, 'P1Y')
    },
  )

  t.test('the database itself refuses to change a purpose', async (t) => {
    const { id } = await registerPurpose(world, app)
    await t.rejects(world.deps.db.run(sql`update purpose set app_name = 'x' where id = ${id}`), /never changed/)
    await t.rejects(world.deps.db.run(sql`delete from purpose where id = ${id}`), /never changed/)
  })

  t.test('two apps that claim one id at the same moment: one has it', async (t) => {
    const purpose = purposeOf(world)
    const replies = await Promise.all([registerAs(app, purpose), registerAs(other, { ...purpose, version: 2 })])
    t.same(replies.map(({ status }) => status).sort(), [201, 409])
  })

  t.test('a purpose that asks what does not exist, hides text, or ended long ago is refused', async (t) => {
    const good = purposeOf(world)
    const bad = [
      { ...good, claims: [{ fact: 'bsn', why: good.why }] },
      { ...good, claims: [good.claims[0], good.claims[0]] },
      { ...good, claims: [] },
      { ...good, title: { ...good.title, nl: 'Rekenen\u202e' } },
      { ...good, legal_basis: 'legitimate_interest' },
      { ...good, valid_until: '2020-01-01' },
      { ...good, valid_until: '2027-02-30' },
      { ...good, note: 'and everything else' },
    ]
    for (const purpose of bad)
      t.equal((await registerAs(app, purpose)).status, 400, JSON.stringify(purpose).slice(0, 60))
  })

  t.test('a message counts once, and a refused one can be sent again', async (t) => {
    const jti = 'A'.repeat(22)
    const purpose = purposeOf(world)
    t.equal((await registerAs(app, { ...purpose, claims: [] }, { jti })).status, 400)
    t.equal((await registerAs(app, purpose, { jti })).status, 201)
    const again = await registerAs(app, purpose, { jti })
    t.match({ status: again.status, error: again.body.error }, { status: 409, error: 'already_received' })
    t.equal(
      (await registerAs(other, purposeOf(world), { jti })).status,
      201,
      'the id of one sender says nothing about another',
    )
  })

  t.test('ten copies of one question, also a day later, open one and all get its handle', async (t) => {
    const purpose = await registerPurpose(world, app)
    await agree(world, school, app, purpose)
    const expires_at = new Date(world.clock.now().getTime() + 86_400_000).toISOString()
    const request = { purpose_id: purpose.id, purpose_version: 1, school: school.entityId, expires_at }
    const jti = 'B'.repeat(22)
    const send = () => app.send('/v1/consent-requests', CONSENT_REQUEST_MESSAGE.typ, { request }, { jti })
    const replies = await Promise.all(Array.from({ length: 10 }, send))
    t.same([...new Set(replies.map(({ status }) => status))], [201])
    t.equal(new Set(replies.map(({ body }) => body.handle)).size, 1)
    await world.deps.db.run(sql`delete from received_message`)
    t.same((await send()).body, replies[0]?.body)
    t.not(
      (await app.send('/v1/consent-requests', CONSENT_REQUEST_MESSAGE.typ, { request })).body.handle,
      replies[0]?.body.handle,
    )
  })

  t.test(
    'a message of another type, to another registry, too old, from the future, or signed by another key is refused',
    async (t) => {
      const purpose = purposeOf(world)
      const later = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000)
      const wrongType = await app.send('/v1/purposes', AGREEMENT_MESSAGE.typ, { purpose: asJson(purpose) })
      t.equal(wrongType.status, 400)
      t.equal((await registerAs(app, purpose, { aud: 'https://other.example' })).status, 400)
      t.equal((await registerAs(app, purpose, { now: later(-340) })).status, 400)
      t.equal((await registerAs(app, purpose, { now: later(60) })).status, 400)
      const forged = generateSigningKey()
      t.equal((await registerAs(app, purpose, { key: forged })).status, 400)
      t.equal(
        (await registerAs(app, purpose, { key: app.protocolKey })).status,
        400,
        'a protocol key signs no messages',
      )
    },
  )

  t.test('strangers, members without the mark, and members in another role are refused alike', async (t) => {
    const purpose = purposeOf(world)
    const unmarked = await createApp(world, 'unmarked', [])
    const registry = await createApp(world, 'registry', [MARK_CONSENT_REGISTRY])
    const expelled = await createApp(world, 'expelled')
    world.federation.expel(expelled.entityId)
    world.clock.advance(6)
    const replies = [
      await registerAs(app, purpose, { iss: 'https://stranger.example' }),
      await registerAs(unmarked, purpose),
      await registerAs(registry, purpose),
      await registerAs(school, purpose),
      await registerAs(expelled, purpose),
    ]
    t.same([...new Set(replies.map(({ status }) => status))], [403])
    t.equal(new Set(replies.map(({ text }) => text)).size, 1)
    const agreement = agreementOn(world, app, await registerPurpose(world, app), 'every')
    t.equal((await app.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })).status, 403)
    t.ok([MARK_APP_VENDOR, MARK_SCHOOL].every((mark) => mark !== MARK_CONSENT_REGISTRY))
  })

  t.test('a sender that sends without end is told when to come back; nobody else notices', async (t) => {
    const [busySchool, busyApp] = [await createSchool(world, 'busy'), await createApp(world, 'busy')]
    const purpose = await registerPurpose(world, busyApp)
    await agree(world, busySchool, busyApp, purpose)
    const use = (typ: string, sender: { entityId: string }) =>
      world.deps.db.run(
        sql`update quota set used = 1000000 where key_hash = sha256(${`${typ}:${sender.entityId}`}::bytea)`,
      )
    t.equal(await use(PURPOSE_MESSAGE.typ, busyApp), 1)
    t.equal(await use(AGREEMENT_MESSAGE.typ, busySchool), 1)
    t.equal((await askConsent(world, busySchool, busyApp, purpose)).status, 201, 'of each kind apart')
    t.equal(await use(CONSENT_REQUEST_MESSAGE.typ, busyApp), 1)
    const agreement = agreementOn(world, busyApp, purpose, 'one')
    const refused = [
      await registerAs(busyApp, purposeOf(world)),
      await busySchool.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement }),
      await askConsent(world, busySchool, busyApp, purpose),
    ]
    t.same([...new Set(refused.map(({ status }) => status))], [429])
    t.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0))
    t.equal((await registerAs(other, purposeOf(world))).status, 201)
  })

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

  t.test('a message in another media type is not read', async (t) => {
    const reply = await fetch(`${world.url}/v1/purposes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify('e30.e30.e30'),
    })
    t.equal(reply.status, 415)
  })

  t.test('refusals repeat nothing of the message', async (t) => {
    const purpose = { ...purposeOf(world), retention: 'CANARY-4711' }
    const reply = await registerAs(app, purpose)
    t.equal(reply.status, 400)
    t.notMatch(reply.text, 'CANARY')
    t.notMatch(world.logLines.join('\n'), 'CANARY')
  })
})
