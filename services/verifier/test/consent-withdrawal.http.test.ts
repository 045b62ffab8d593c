import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '@samen/test-kit'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { startJobs } from '../src/jobs.ts'
import { readConsentState, sendNotice, sendReceipt } from './support/consents.ts'
import { askPresentation, presentTo } from './support/presentations.ts'
import { giveConsent, registerPurpose } from './support/purposes.ts'
import { startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, registry, school, deps } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const purpose = await registerPurpose(network, app)
await startJobs(deps)

const ask = async (json: Record<string, unknown> = {}) =>
  (await askPresentation(network, app, { purpose: purpose.id, ...json })).body
const presented = (pupil: string) => presentTo(network, app, purpose, pupil)
const stateOfConsent = (handle: string) => readConsentState(network, app, handle)

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
  t.equal((await sendNotice(network, app, notice)).status, 202)
  t.equal((await sendNotice(network, app, notice)).status, 202, 'the same once more')
  t.equal((await sendNotice(network, app, registry.notice(handle, app))).status, 202, 'another notice about the same')
  t.equal(await stateOfConsent(handle), 'withdrawn')
  const result = await call('GET', `/v1/apps/${app.slug}/presentations/${unread.id}`, { key: app.apiKey })
  t.same(result.body, { state: 'consent_required' }, 'the claims that nobody had read are gone')
  t.equal(await presented('zevende'), 'consent_required', 'although the list still says live')

  await until('the app has the event', () => backend.received.length > 0)
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
  await until('the registry has the receipt', () =>
    registry.received.some(({ header }) => header['typ'] === 'samen-deletion-receipt+jwt'),
  )
  const receipts = registry.received.filter(({ header }) => header['typ'] === 'samen-deletion-receipt+jwt')
  t.equal(receipts.length, 1)
  t.same(receipts[0]?.payload['deletion'], { handle, confirmed_at: confirmed.body.confirmed_at })
  t.equal(backend.received.length, 1, 'one event for one withdrawal')
})

t.test('a receipt that its withdrawal has overtaken opens nothing', async (t) => {
  const json = { purpose: purpose.id, school: school.entityId }
  const { body } = await call('POST', `/v1/apps/${app.slug}/consent-requests`, { key: app.apiKey, json })
  t.equal((await sendNotice(network, app, registry.notice(body.id, app))).status, 202)
  const pseudonym = school.pseudonym(app.entityId, 'achtste')
  const receipt = registry.receipt({ handle: body.id, purpose, school: school.entityId, pseudonym })
  t.equal((await sendReceipt(network, app, await registry.sealReceipt(receipt, app))).status, 400)
  t.equal(await presented('achtste'), 'consent_required')
})

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
      sendNotice(network, app, registry.notice(handle, app)),
    ])
    t.equal(noticed.status, 202)
    const { body } = await call('GET', `/v1/apps/${app.slug}/presentations/${asked.id}`, { key: app.apiKey })
    t.notOk(body.claims)
  }
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

t.test('a page of duties that nobody named is refused as such', async (t) => {
  const id = 'a'.repeat(22)
  const ancient = `-271821-04-20T00:00:00.000Z ${id}`
  for (const text of ['2026 \0', `2026-11-26T00:00:00.000Z ${id}a`, `2026-13-01T00:00:00.000Z ${id}`, ancient, '']) {
    const cursor = Buffer.from(text).toString('base64url')
    const { status, body } = await call('GET', `/v1/apps/${app.slug}/deletions?cursor=${cursor}`, { key: app.apiKey })
    t.match({ status, body }, { status: 400, body: { type: 'urn:samen:problem:invalid-request' } }, text)
  }
})
