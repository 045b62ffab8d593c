import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateSigningKey } from '@samen/jwt-profile'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { startJobs } from '../src/jobs.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startRegistry } from './support/registry.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, clock, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const purpose = await registerPurpose(network, app)
await startJobs(deps)

const ask = async (json: Record<string, unknown> = {}) =>
  (
    await call('POST', `/v1/apps/${app.slug}/presentations`, {
      key: app.apiKey,
      json: { purpose: purpose.id, ...json },
    })
  ).body
const presented = async (pupil: string, json: Record<string, unknown> = {}, idx?: number) => {
  const asked = await ask(json)
  const wallet = createWallet(network, pupil, [app], idx === undefined ? {} : { idx })
  await wallet.present(asked.authorization_request)
  return (await call('GET', `/v1/apps/${app.slug}/presentations/${asked.id}`, { key: app.apiKey })).body.state
}
const stateOfConsent = async (handle: string) =>
  (await call('GET', `/v1/apps/${app.slug}/consent-requests/${handle}`, { key: app.apiKey })).body.state
const sendReceipt = (body: string, to = app) =>
  call('POST', `/apps/${to.slug}/receipts`, { text: { type: 'application/jose', body } })
const sendNotice = (body: string, to = app) =>
  call('POST', `/apps/${to.slug}/events`, { text: { type: 'application/secevent+jwt', body } })
const found = async (slug: string) => {
  const tenant = await deps.apps.find(slug)
  if (tenant === undefined) throw new Error('no such app')
  return tenant
}
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('waited in vain')
}

t.test('a purpose reaches the registry signed, and only then the question can be put', async (t) => {
  await until(() => registry.received.some(({ header }) => header['typ'] === 'samen-purpose+jwt'))
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
    async () => (await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })).status === 201,
  )
  const asked = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.match(asked.body, { page_url: `${registry.entityId}/requests/${asked.body.id}` })
  t.equal(await stateOfConsent(asked.body.id), 'requested')
  const pseudonym = school.pseudonym(app.entityId, 'eerste')
  const receipt = registry.receipt({ handle: asked.body.id, purpose, school: school.entityId, pseudonym })
  const body = await registry.sealReceipt(receipt, app)
  t.equal(await presented('eerste'), 'consent_required')
  t.equal((await sendReceipt(body)).status, 202)
  t.equal(await stateOfConsent(asked.body.id), 'given')
  t.equal(await presented('eerste'), 'verified')
  t.equal((await sendReceipt(body)).status, 409, 'the same message again')
  t.same((await sendReceipt(body)).body.error, 'already_received')
  t.equal(
    (await sendReceipt(await registry.sealReceipt(receipt, app))).status,
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
  await until(async () => (await deps.purposes.find(await found('druk'), theirs.id, undefined)).state === 'registered')
  const ask = () =>
    call('POST', '/v1/apps/druk/consent-requests', { key: quiet.apiKey, json: { ...json, purpose: theirs.id } })
  t.equal((await ask()).status, 201)
  const used = `update quota set used = 1000 where key_hash = sha256('consent-requests:druk')`
  await deps.db.run({ name: '', text: used, values: [] })
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
  await until(() => registry.received.length > before)
  registry.answer = undefined
  const tries = () => registry.received.filter(({ payload }) => JSON.stringify(payload).includes(again.id))
  await until(() => tries().length > 1)
  t.equal(new Set(tries().map(({ payload }) => payload['jti'])).size, 1)
  await until(async () => {
    deps.purposes.forget(await found(app.slug), again.id)
    return (await deps.purposes.find(await found(app.slug), again.id, undefined)).state === 'registered'
  })
})

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
    const reply = await sendReceipt(body)
    t.equal(reply.status, status, name)
    t.notMatch(reply.text, handle, name)
  }
  t.equal(
    (await call('POST', `/apps/${app.slug}/receipts`, { text: { type: 'application/jwt', body: await sealed() } }))
      .status,
    415,
  )
  t.equal((await sendReceipt(await sealed(), { ...app, slug: 'nobody' })).status, 404)
})

t.test('a consent given for one school does not cover a credential of another', async (t) => {
  await giveConsent(network, app, purpose, 'derde', { school: 'https://issuer.example/schools/other' })
  t.equal(await presented('derde'), 'consent_required')
})

t.test('a withdrawal works within one lease, also when its notice never comes', async (t) => {
  await giveConsent(network, app, purpose, 'vijfde', { idx: 5 })
  t.equal(await presented('vijfde'), 'verified')
  registry.withdraw(5)
  await deps.consentLists.refresh()
  t.equal(await presented('vijfde'), 'consent_required')
})

t.test('a withdrawn consent is purged, the app is told by ids only, and its word goes to the registry', async (t) => {
  const handle = await giveConsent(network, app, purpose, 'zevende', { idx: 7 })
  const backend = await startBackend(t)
  const webhook = await call('POST', `/v1/apps/${app.slug}/webhooks`, { key: app.apiKey, json: { url: backend.url } })
  t.equal(webhook.status, 201)
  t.equal(await presented('zevende'), 'verified')
  const unread = await ask({ consent: handle })
  await createWallet(network, 'zevende', [app]).present(unread.authorization_request)

  const notice = registry.notice(handle, app)
  t.equal((await sendNotice(notice)).status, 202)
  t.equal((await sendNotice(notice)).status, 409)
  t.equal((await sendNotice(registry.notice(handle, app))).status, 202, 'another notice about the same')
  t.equal(await stateOfConsent(handle), 'withdrawn')
  const result = await call('GET', `/v1/apps/${app.slug}/presentations/${unread.id}`, { key: app.apiKey })
  t.same(result.body, { state: 'consent_required' }, 'the claims that nobody had read are gone')
  t.equal(await presented('zevende'), 'consent_required', 'although the list still says live')

  await until(() => backend.received.length > 0)
  const [event] = backend.received
  const duties = await call('GET', `/v1/apps/${app.slug}/deletions`, { key: app.apiKey })
  const duty = duties.body.deletions.find((each: { consent: string }) => each.consent === handle)
  t.match(new Webhook(webhook.body.secret).verify(event?.body ?? '', event?.headers ?? {}), {
    type: 'consent.withdrawn',
    data: { id: duty.id, consent: handle },
  })
  t.match(duty, { delete_by: '2027-01-31', confirmed_at: null })

  const confirmation = `/v1/apps/${app.slug}/deletions/${duty.id}/confirmation`
  t.equal(
    (await call('POST', `/v1/apps/${other.slug}/deletions/${duty.id}/confirmation`, { key: other.apiKey })).status,
    404,
  )
  const confirmed = await call('POST', confirmation, { key: app.apiKey })
  t.equal(confirmed.status, 200)
  t.same((await call('POST', confirmation, { key: app.apiKey })).body, confirmed.body)
  await until(() => registry.received.some(({ header }) => header['typ'] === 'samen-deletion-receipt+jwt'))
  const receipts = registry.received.filter(({ header }) => header['typ'] === 'samen-deletion-receipt+jwt')
  t.equal(receipts.length, 1)
  t.same(receipts[0]?.payload['deletion'], { handle, confirmed_at: confirmed.body.confirmed_at })
  t.equal(backend.received.length, 1, 'one event for one withdrawal')
})

t.test('a receipt that its withdrawal has overtaken opens nothing', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  const { body } = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.equal((await sendNotice(registry.notice(body.id, app))).status, 202)
  const pseudonym = school.pseudonym(app.entityId, 'achtste')
  const receipt = registry.receipt({ handle: body.id, purpose, school: school.entityId, pseudonym })
  t.equal((await sendReceipt(await registry.sealReceipt(receipt, app))).status, 400)
  t.equal(await presented('achtste'), 'consent_required')
})

t.test(
  'a notice of a stranger or about a consent of another app changes nothing, in the words of its protocol',
  async (t) => {
    const handle = await giveConsent(network, app, purpose, 'negende', { idx: 9 })
    const forged = await sendNotice(registry.notice(handle, app, { key: generateSigningKey() }))
    t.same([forged.status, Object.keys(forged.body)], [400, ['err', 'description']])
    t.equal((await sendNotice(registry.notice(handle, app, { iss: school.entityId }))).status, 403)
    const rival = await startRegistry(network.others, network.federation, clock.now, '/second-rival')
    await deps.resolver.refresh()
    t.equal((await sendNotice(rival.notice(handle, app))).status, 403, 'of another registry of the federation')
    t.equal((await sendNotice(registry.notice(handle, app), other)).status, 400, 'for another audience')
    t.equal((await sendNotice(registry.notice(handle, other), other)).status, 400, 'not a consent of that app')
    t.equal((await sendNotice(registry.notice(handle, app, { typ: 'samen-receipt+jwt' }))).status, 400)
    t.equal(await presented('negende'), 'verified')
  },
)

t.test('a withdrawal and a presentation at the same moment never leave a result behind', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const pupil = `race-${round}`
    const handle = await giveConsent(network, app, purpose, pupil, { idx: 100 + round })
    const asked = await ask()
    const wallet = createWallet(network, pupil, [app])
    const request = await wallet.fetchRequest(asked.authorization_request)
    const form = await wallet.answer(request)
    const [, noticed] = await Promise.all([
      call('POST', request.response_uri, { form }),
      sendNotice(registry.notice(handle, app)),
    ])
    t.equal(noticed.status, 202)
    const { body } = await call('GET', `/v1/apps/${app.slug}/presentations/${asked.id}`, { key: app.apiKey })
    t.notOk(body.claims)
  }
})

// The last one: time goes on, and a list from the future would never be replaced by one of today.
t.test('a consent ends with its last day', async (t) => {
  await giveConsent(network, app, purpose, 'vierde', { idx: 4 })
  t.equal(await presented('vierde'), 'verified')
  clock.advance(30 * 86_400)
  await pullMembership(deps, await found(app.slug))
  await Promise.all([deps.consentLists.refresh(), deps.schoolLists.refreshDue()])
  t.equal(await presented('vierde'), 'verified', 'on its last day')
  clock.advance(86_400)
  await pullMembership(deps, await found(app.slug))
  await Promise.all([deps.consentLists.refresh(), deps.schoolLists.refreshDue()])
  t.equal(await presented('vierde'), 'consent_required')
})

async function startBackend(t: { teardown(work: () => void): unknown }) {
  const received: { body: string; headers: Record<string, string> }[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    received.push({ body: Buffer.concat(chunks).toString(), headers: request.headers as Record<string, string> })
    reply.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/samen` }
}
