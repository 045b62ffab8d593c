import {
  AGREEMENT_MESSAGE,
  CONSENT_REQUEST_MESSAGE,
  MARK_APP_VENDOR,
  MARK_CONSENT_REGISTRY,
  MARK_SCHOOL,
  PURPOSE_MESSAGE,
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
  purposeOf,
  registerPurpose,
  sendPurpose,
} from './support/members.ts'
import { startWorld } from './support/registry.ts'

t.test('what nodes tell the registry', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const other = await createApp(world, 'lezen')

  t.test('a message counts once, and a refused one can be sent again', async (t) => {
    const jti = 'A'.repeat(22)
    const purpose = purposeOf(world)
    t.equal((await sendPurpose(app, { ...purpose, claims: [] }, { jti })).status, 400)
    t.equal((await sendPurpose(app, purpose, { jti })).status, 201)
    const again = await sendPurpose(app, purpose, { jti })
    t.match({ status: again.status, error: again.body.error }, { status: 409, error: 'already_received' })
    t.equal(
      (await sendPurpose(other, purposeOf(world), { jti })).status,
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
      const wrongType = await app.send('/v1/purposes', AGREEMENT_MESSAGE.typ, {
        purpose: purpose as unknown as JsonObject,
      })
      t.equal(wrongType.status, 400)
      t.equal((await sendPurpose(app, purpose, { aud: 'https://other.example' })).status, 400)
      t.equal((await sendPurpose(app, purpose, { now: later(-340) })).status, 400)
      t.equal((await sendPurpose(app, purpose, { now: later(60) })).status, 400)
      const forged = generateSigningKey()
      t.equal((await sendPurpose(app, purpose, { key: forged })).status, 400)
      t.equal(
        (await sendPurpose(app, purpose, { key: app.protocolKey })).status,
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
      await sendPurpose(app, purpose, { iss: 'https://stranger.example' }),
      await sendPurpose(unmarked, purpose),
      await sendPurpose(registry, purpose),
      await sendPurpose(school, purpose),
      await sendPurpose(expelled, purpose),
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
      await sendPurpose(busyApp, purposeOf(world)),
      await busySchool.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement }),
      await askConsent(world, busySchool, busyApp, purpose),
    ]
    t.same([...new Set(refused.map(({ status }) => status))], [429])
    t.ok(refused.every(({ headers }) => Number(headers.get('retry-after')) > 0))
    t.equal((await sendPurpose(other, purposeOf(world))).status, 201)
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
    const reply = await sendPurpose(app, purpose)
    t.equal(reply.status, 400)
    t.notMatch(reply.text, 'CANARY')
    t.notMatch(world.logLines.join('\n'), 'CANARY')
  })
})
