import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { startJobs } from '../src/jobs.ts'
import { readConsentState, sendReceipt } from './support/consents.ts'
import { presentTo } from './support/presentations.ts'
import { registerPurpose } from './support/purposes.ts'
import { findTenant, startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const purpose = await registerPurpose(network, app)
await startJobs(deps)

const presented = (pupil: string) => presentTo(network, app, purpose, pupil)
const stateOfConsent = (handle: string) => readConsentState(network, app, handle)

t.test('a purpose reaches the registry signed, and only then the question can be put', async (t) => {
  await until('the registry has the purpose', () =>
    registry.received.some(({ header }) => header['typ'] === 'samen-purpose+jwt'),
  )
  const message = registry.received.find(({ header }) => header['typ'] === 'samen-purpose+jwt')
  t.equal(message?.payload['iss'], app.entityId)
  t.equal(message?.payload['aud'], registry.entityId)
  t.match(message?.payload['purpose'], {
    id: purpose.id,
    version: 1,
    claims: [{ fact: 'year_group' }, { fact: 'age_over_12' }],
  })
})

t.test('a consent begins as requested and is given when the receipt has come', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  await until(
    'the purpose is registered',
    async () => (await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })).status === 201,
  )
  const asked = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.match(asked.body, { page_url: `${registry.entityId}/requests/${asked.body.id}` })
  t.equal(await stateOfConsent(asked.body.id), 'requested')
  const pseudonym = school.pseudonym(app.entityId, 'eerste')
  const receipt = registry.receipt({ handle: asked.body.id, purpose, school: school.entityId, pseudonym })
  const body = await registry.sealReceipt(receipt, app)
  t.equal(await presented('eerste'), 'consent_required')
  t.equal((await sendReceipt(network, app, body)).status, 202)
  t.equal(await stateOfConsent(asked.body.id), 'given')
  t.equal(await presented('eerste'), 'verified')
  t.equal((await sendReceipt(network, app, body)).status, 409, 'the same message again')
  t.same((await sendReceipt(network, app, body)).body.error, 'already_received')
  t.equal(
    (await sendReceipt(network, app, await registry.sealReceipt(receipt, app))).status,
    202,
    'a new message about the same consent',
  )
})

t.test('the same Idempotency-Key puts one question, however often it is sent', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  const options = { key: app.apiKey, json, headers: { 'idempotency-key': 'once' } }
  const first = await call('POST', `/v1/apps/${app.slug}/consent-requests`, options)
  const before = registry.received.length
  const second = await call('POST', `/v1/apps/${app.slug}/consent-requests`, options)
  t.same(second.body, first.body)
  t.equal(registry.received.length, before)
})

t.test('a registry that is away or refuses is said so', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  registry.answer = { status: 503, body: '{}' }
  const away = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.same([away.status, away.body.type], [503, 'urn:samen:problem:registry-unavailable'])
  registry.answer = { status: 400, body: '{"error":"invalid_request"}' }
  const refused = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.same([refused.status, refused.body.type], [422, 'urn:samen:problem:registry-refused'])
  registry.answer = undefined
})

t.test('an app cannot flood the registry with questions', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  const quiet = await network.addApp('druk')
  const theirs = await registerPurpose(network, quiet)
  await until(
    'the purpose is registered',
    async () => (await deps.purposes.find(await findTenant(deps, 'druk'), theirs.id, undefined)).state === 'registered',
  )
  const ask = () =>
    call('POST', '/v1/apps/druk/consent-requests', { key: quiet.apiKey, json: { ...json, purpose: theirs.id } })
  t.equal((await ask()).status, 201)
  await deps.db.run(sql`update quota set used = 1000 where key_hash = sha256('consent-requests:druk')`)
  const refused = await ask()
  t.same([refused.status, refused.body.type], [429, 'urn:samen:problem:too-many-requests'])
  t.ok(refused.headers.get('retry-after'))
  t.equal(
    (await call('POST', '/v1/apps/rekenrijk/consent-requests', { key: app.apiKey, json })).status,
    201,
    'others may',
  )
})

t.test('a message that the registry could not take is sent again, as the same message', async (t) => {
  registry.answer = { status: 503, body: '{}' }
  const before = registry.received.length
  const again = await registerPurpose(network, app)
  await until('the registry was asked', () => registry.received.length > before)
  registry.answer = undefined
  const tries = () => registry.received.filter(({ payload }) => JSON.stringify(payload).includes(again.id))
  await until('it was asked again', () => tries().length > 1)
  t.equal(new Set(tries().map(({ payload }) => payload['jti'])).size, 1)
  await until('the purpose is registered', async () => {
    deps.purposes.forget(await findTenant(deps, app.slug), again.id)
    return (await deps.purposes.find(await findTenant(deps, app.slug), again.id, undefined)).state === 'registered'
  })
})
