import { createServer } from 'node:http'
import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import t, { type Test } from 'tap'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD, SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { startNetwork } from '../network.ts'
import { fetchNonce, keyProof, makeOffer, post, postCredential, redeem } from '../raw-wallet.ts'
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

t.test('no address that comes from outside makes a node connect to it', async (t) => {
  const story = await startNetwork(t, 'credentials')
  const forbidden = await startForbiddenServer(t)
  const stranger = generateSigningKey()
  const registry = publicUrl(story.settings, 'consent-registry')
  const verifier = publicUrl(story.settings, 'verifier')

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

  const agreement = await post(
    `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}/agreements`,
    { authorization: `Bearer ${tenant(story, SCHOOL.slug).apiKey}`, 'content-type': 'application/json' },
    JSON.stringify({
      purpose_uri: `${forbidden.url}/purposes/AAAAAAAAAAAAAAAAAAAAAA/1`,
      guardians: 'every',
      processor_agreement: { model: 'm', reference: 'r', signed_at: '2026-08-17' },
      valid_until: '2027-07-31',
    }),
  )
  t.ok(agreement.status >= 400, `a purpose at an address that is no member: ${agreement.status}`)

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

  // This network runs in development, where loopback is allowed: that production refuses it stands in the verifier's own tests.
  for (const url of [
    'file:///etc/passwd',
    'http://192.168.1.1/',
    'https://10.0.0.1:8443/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::ffff:10.0.0.1]/',
    'https://user:secret@app.example/',
  ]) {
    const webhook = await post(
      `${verifier}/v1/apps/${APPS[0].slug}/webhooks`,
      { authorization: `Bearer ${tenant(story, APPS[0].slug).apiKey}`, 'content-type': 'application/json' },
      JSON.stringify({ url }),
    )
    t.equal(webhook.status, 400, `a webhook at ${url}`)
  }
})
