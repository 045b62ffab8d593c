import { setTimeout as pause } from 'node:timers/promises'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { holdTable } from './support/database.ts'
import { registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'

/** More than the node has connections to its database. */
const AT_ONCE = 40

const network = await startNetwork(t)
const { call, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)
await deps.db.forTenant(app.slug).run(sql`update purpose set state = 'registered'`)

/** All of them reach a database that is slow for a moment, so that none is done before the last one has begun. */
async function askAtOnce(keyOf: (number: number) => string) {
  const goOn = await holdTable(network.superuserUrl, 'idempotency')
  const replies = Array.from({ length: AT_ONCE }, (_, number) =>
    call('POST', `/v1/apps/${app.slug}/consent-requests`, {
      key: app.apiKey,
      json: { purpose: purpose.id, school: school.entityId },
      headers: { 'idempotency-key': keyOf(number) },
    }),
  )
  await pause(500)
  await goOn()
  return Promise.all(replies)
}

t.test('a school year begins: forty families are asked at the same moment, and every question is put', async (t) => {
  const replies = await askAtOnce((number) => `family-${number}`)
  t.same([...new Set(replies.map(({ status }) => status))], [201])
  t.equal(registry.questions.size, AT_ONCE)
})

t.test('forty tries of one question wait for each other, and put it once', async (t) => {
  const before = registry.questions.size
  const replies = await askAtOnce(() => 'one-family')
  t.same([...new Set(replies.map(({ status, body }) => `${status} ${body.id}`))], [`201 ${replies[0]?.body.id}`])
  t.equal(registry.questions.size, before + 1)
})

t.test('an app that asks too often leaves nothing behind in our database either', async (t) => {
  const db = deps.db.forTenant(app.slug)
  const kept = async () => (await db.many(sql`select key_hash from idempotency`)).length
  const before = await kept()
  await deps.db.run(sql`update quota set used = 1000`)
  const replies = await askAtOnce((number) => `too-many-${number}`)
  t.same([...new Set(replies.map(({ status }) => status))], [429])
  t.equal(await kept(), before)
})
