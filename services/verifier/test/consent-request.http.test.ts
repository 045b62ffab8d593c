import { sql } from '@samen/pg-kit'
import t from 'tap'
import { failInserts } from './support/database.ts'
import { registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, registry, school, deps, others } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)
const registered = sql`update purpose set state = 'registered'`
await deps.db.forTenant(app.slug).run(registered)

const json = { purpose: purpose.id, school: school.entityId }
const ask = (key?: string, more: object = {}) => {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  return call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json: { ...json, ...more }, headers })
}

t.test('of equal requests with one key, at the same time and afterwards, one puts a question', async (t) => {
  const replies = await Promise.all(Array.from({ length: 6 }, () => ask('once')))
  replies.push(await ask('once'))
  t.same([...new Set(replies.map(({ status }) => status))], [201])
  t.equal(new Set(replies.map(({ text }) => text)).size, 1)
  t.equal(registry.questions.size, 1)
  t.equal(
    (await ask('once', { school: 'https://issuer.example/schools/other' })).status,
    422,
    'the key of another request',
  )
  t.not((await ask()).body.id, replies[0]?.body.id, 'without a key each request is a question')
})

t.test('a question that was put but not stored is found again, and not put a second time', async (t) => {
  const comeBack = await failInserts(t, network.superuserUrl, 'consent_request')
  const before = registry.questions.size
  t.equal((await ask('twice')).status, 503)
  await comeBack()
  const again = await ask('twice')
  t.equal(again.status, 201)
  t.equal(registry.questions.size, before + 1)
  t.ok([...registry.questions.values()].includes(again.body.id))
})

t.test('nothing that a registry answers is used unchecked', async (t) => {
  t.teardown(() => {
    registry.answer = undefined
  })
  const good = {
    handle: 'A'.repeat(22),
    page_url: `${registry.entityId}/requests/x`,
    expires_at: '2027-01-01T00:00:00Z',
  }
  for (const bad of [
    { page_url: 'javascript:alert(1)' },
    { page_url: 'https://evil.example/requests/x' },
    { page_url: `${registry.entityId}/../evil` },
    { expires_at: 'soon' },
    { expires_at: '2027-13-45T00:00:00Z' },
    { handle: '<b>' },
  ]) {
    registry.answer = { status: 201, body: JSON.stringify({ ...good, ...bad }) }
    const refused = await ask()
    t.same([refused.status, refused.body.type], [503, 'urn:samen:problem:registry-unavailable'], JSON.stringify(bad))
  }
})

t.test('a registry that answers two questions with one handle gets the second one refused', async (t) => {
  t.teardown(() => {
    registry.answer = undefined
  })
  const answer = {
    handle: 'B'.repeat(22),
    page_url: `${registry.entityId}/requests/x`,
    expires_at: '2027-01-01T00:00:00Z',
  }
  registry.answer = { status: 201, body: JSON.stringify(answer) }
  t.equal((await ask()).status, 201)
  const again = await ask()
  t.same([again.status, again.body.type], [503, 'urn:samen:problem:registry-unavailable'])
})

t.test('a registry that names an address elsewhere makes us post nowhere', async (t) => {
  registry.moveEndpoints(`${network.base}/elsewhere`)
  network.clock.advance(3_600)
  await deps.resolver.refresh()
  others.seen.length = 0
  t.equal((await ask()).status, 503)
  t.notOk(others.seen.some((name) => name.startsWith('POST')))
})
