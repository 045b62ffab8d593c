import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import t, { type Test } from 'tap'
import { privateUrl, publicUrl, type ServiceName } from '../../scripts/network/settings.ts'
import { APPS, CHILD, SCHOOL } from '../../scripts/story/cast.ts'
import { purposeOf, tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { lastDayOf } from '../fixtures/school-calendar.ts'
import { startNetwork } from '../network.ts'
import { type Answer, fetchNonce, keyProof, makeOffer, post, postCredential, redeem } from '../raw-wallet.ts'
import { answerWith } from './tampered-answer.ts'

/** A server that nobody should ever call: it stands for everything inside a network. */
async function startForbiddenServer(t: Test) {
  const visits: string[] = []
  const server = createServer((request, reply) => {
    visits.push(request.url ?? '')
    reply.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, visits }
}

/** Addresses that no node may reach for; none of these leaves this computer, since each is refused before it is looked up. */
const INNER = [
  { url: 'file:///etc/passwd', asEntity: 400 },
  { url: 'http://192.168.1.1/', asEntity: 400 },
  { url: 'https://10.0.0.1:8443/', asEntity: 502 },
  { url: 'https://169.254.169.254/latest/meta-data', asEntity: 502 },
  { url: 'https://[::ffff:10.0.0.1]/', asEntity: 400 },
  { url: 'https://user:secret@app.example/', asEntity: 400 },
]

/** The operator of a node, with a wish of somebody else in hand. */
function operate(story: Story, service: ServiceName, url: string, json: object): Promise<Answer> {
  const key = readFileSync(join(story.settings.dataDirectory, service, 'operator-key'), 'utf8').trim()
  return post(url, { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, JSON.stringify(json))
}

/** The school approves the purpose at this address. */
function approve(story: Story, purpose_uri: string): Promise<Answer> {
  return post(
    `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/agreements`,
    { authorization: `Bearer ${tenant(story, SCHOOL.slug).apiKey}`, 'content-type': 'application/json' },
    JSON.stringify({
      purpose_uri,
      guardians: 'every',
      processor_agreement: { model: 'm', reference: 'r', signed_at: '2026-08-17' },
      valid_until: lastDayOf(story.calendar),
    }),
  )
}

t.test('no address that comes from outside makes a node connect to it', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const forbidden = await startForbiddenServer(t)
  const stranger = generateSigningKey()
  const registry = publicUrl(story.settings, 'consent-registry')

  const message = signJwt(
    stranger,
    { typ: 'samen-purpose+jwt', jku: forbidden.url },
    { iss: forbidden.url, aud: registry, jti: 'a'.repeat(22), iat: Math.floor(Date.now() / 1000) },
  )
  for (const path of ['purposes', 'agreements', 'consent-requests', 'deletion-receipts']) {
    const refused = await post(`${registry}/v1/${path}`, { 'content-type': 'application/jwt' }, message)
    t.ok([400, 403].includes(refused.status), `a message of a stranger at ${path}: ${refused.status}`)
  }
  const event = await post(
    `${tenant(story, APPS[0].slug).entityId}/events`,
    { 'content-type': 'application/secevent+jwt' },
    message,
  )
  t.ok([400, 403].includes(event.status), `an event of a stranger: ${event.status}`)

  const agreement = await approve(story, `${forbidden.url}/purposes/AAAAAAAAAAAAAAAAAAAAAA/1`)
  t.equal(agreement.status, 422, 'a purpose at an address that is no member')
  t.equal(agreement.body.type, 'urn:samen:problem:registry-not-trusted')
  const honest = await approve(story, purposeOf(story, APPS[0].slug).uri)
  t.equal(honest.status, 409, 'a purpose at the registry is read, and was approved before on other terms')
  t.equal(honest.body.type, 'urn:samen:problem:already-agreed')

  const access = await redeem(await makeOffer(story, CHILD))
  for (const header of [
    { jku: forbidden.url },
    { x5u: forbidden.url },
    { kid: `did:web:${new URL(forbidden.url).host}` },
  ]) {
    const nonce = await fetchNonce(access.issuer)
    const proof = keyProof(generateSigningKey(), { issuer: access.issuer, nonce }, { header })
    await postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } })
  }
  const forged = await answerWith(story, {
    presentation: () =>
      `${signJwt(stranger, { typ: 'dc+sd-jwt' }, { iss: forbidden.url, vct: 'urn:samen:credential:pupil:1', status: { status_list: { uri: `${forbidden.url}/list`, idx: 1 } } })}~`,
  })
  t.equal(forged.result.state, 'refused', 'a credential of a stranger, with a status list at the forbidden address')
  t.same(forbidden.visits, [], 'the forbidden server was never called')
})

t.test('an address inside a network is refused where it is registered, and an honest one is not', async (t) => {
  const story = await startNetwork(t, 'members')
  const anchor = `${privateUrl(story.settings)}/v1/entities`
  const verifier = publicUrl(story.settings, 'verifier')
  const registry = publicUrl(story.settings, 'consent-registry')
  const { apiKey, entityId } = tenant(story, APPS[0].slug)

  const admit = (entity_id: string) =>
    operate(story, 'trust-anchor', anchor, { entity_id, trust_marks: ['urn:samen:trust-mark:app-vendor'] })
  t.equal((await admit(entityId)).status, 200, 'a member is admitted where it is')

  const newApp = { slug: 'nieuw', name: 'Nieuw', registry, return_urls: ['https://app.example/back'] }
  const add = (change: object) => operate(story, 'verifier', `${verifier}/v1/apps`, { ...newApp, ...change })
  t.equal((await add({})).status, 201, 'an app with honest addresses')

  // This network runs in development, where loopback is allowed: that production refuses it stands in the verifier's own tests.
  const webhook = (url: string) =>
    post(
      `${verifier}/v1/apps/${APPS[0].slug}/webhooks`,
      { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      JSON.stringify({ url }),
    )
  t.equal((await webhook('https://app.example/events')).status, 201, 'a webhook at a public address')
  for (const { url, asEntity } of INNER) {
    t.equal((await admit(url)).status, asEntity, `a member at ${url}`)
    t.equal((await webhook(url)).body.type, 'urn:samen:problem:invalid-request', `a webhook at ${url}`)
    // A registry whose name is well formed may be written down: nobody asks it before the anchor vouches for it.
    if (asEntity !== 400) continue
    const refused = await add({ slug: 'inner', registry: url })
    t.equal(refused.body.type, 'urn:samen:problem:invalid-request', `a registry at ${url}`)
  }
  for (const url of ['file:///etc/passwd', 'http://192.168.1.1/', 'https://user:secret@app.example/']) {
    const refused = await add({ slug: 'inner', return_urls: [url] })
    t.equal(refused.body.type, 'urn:samen:problem:invalid-request', `a way back to ${url}`)
  }
})
