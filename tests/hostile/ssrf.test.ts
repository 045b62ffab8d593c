// Addresses that come from whoever is nobody here. What a member names is tried in the other `ssrf-by-*` files.
import {
  AGREEMENT_MESSAGE,
  CONSENT_REQUEST_MESSAGE,
  DELETION_RECEIPT_MESSAGE,
  MARK_APP_VENDOR,
  PURPOSE_MESSAGE,
  RECEIPT_MESSAGE,
  WITHDRAWAL_MESSAGE,
} from '@samen/consent'
import { generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'
import t, { type Test } from 'tap'
import { publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, fetchNonce, keyProof, makeOffer, post, postCredential, redeem } from '../raw-wallet.ts'
import { admit, operate, postEncrypted, sendMessage, signAs } from './hostile-member.ts'
import { approve, callApp, registerPurpose, registerTaken } from './purposes.ts'
import { askFor } from './tampered-answer.ts'
import { startTrap, type Trap } from './trap.ts'
import { triedJobs } from './tried-jobs.ts'

const MEMBER_MESSAGES = [
  { path: 'purposes', typ: PURPOSE_MESSAGE.typ },
  { path: 'agreements', typ: AGREEMENT_MESSAGE.typ },
  { path: 'consent-requests', typ: CONSENT_REQUEST_MESSAGE.typ },
  { path: 'deletion-receipts', typ: DELETION_RECEIPT_MESSAGE.typ },
]

t.test('nobody connects to a stranger for what the stranger says', async (t) => {
  const story = await startNetwork(t, 'purposes')
  const trap = await startTrap(t)
  await t.test('in a message of a node', (t) => tryMessages(t, story, trap))
  await t.test('in what a wallet sends', (t) => tryWalletRequests(t, story, trap))
  await t.test('through a school or an app that believes the stranger', (t) => tryBelievers(t, story, trap))
})

/** A message in the name of the trap, which has to be known as a stranger before it is asked for its keys. */
async function tryMessages(t: Test, story: Story, trap: Trap): Promise<void> {
  const stranger = { entityId: trap.url, key: generateSigningKey() }
  const registry = publicUrl(story.settings, 'consent-registry')
  const app = tenant(story, APPS[0].slug).entityId
  const sign = (typ: string, aud: string) => signAs(stranger, { typ, aud, body: {} })
  for (const { path, typ } of MEMBER_MESSAGES) {
    const refused = await sendMessage(`${registry}/v1/${path}`, sign(typ, registry))
    t.match(refused, { status: 403, body: { error: 'access_denied' } }, `a registry, at ${path}`)
    t.equal(trap.caught(), 0, 'nobody came into the trap')
  }
  const event = sign(WITHDRAWAL_MESSAGE.typ, app)
  t.equal((await sendMessage(`${app}/events`, event, 'application/secevent+jwt')).status, 400, 'an app, of an event')
  t.equal(trap.caught(), 0, 'nobody came into the trap')
  t.equal((await postEncrypted(app, sign(RECEIPT_MESSAGE.typ, app))).status, 403, 'an app, of a receipt')
  t.equal(trap.caught(), 0, 'nobody came into the trap')

  const payload = { iss: trap.url, aud: registry, jti: 'a'.repeat(22), iat: Math.floor(Date.now() / 1000) }
  for (const header of [{ jku: trap.url }, { x5u: trap.url }]) {
    const pointing = signJwt(stranger.key, { typ: PURPOSE_MESSAGE.typ, ...header }, payload)
    t.equal((await sendMessage(`${registry}/v1/purposes`, pointing)).status, 400, JSON.stringify(header))
    t.equal(trap.caught(), 0, 'nobody came into the trap')
  }
}

/** Wallets are strangers for whom no federation vouches: nothing that they name is fetched. */
async function tryWalletRequests(t: Test, story: Story, trap: Trap): Promise<void> {
  const offer = await makeOffer(story, CHILD)
  const key = generateSigningKey()
  const named = await post(
    `${offer.issuer}/token`,
    { dpop: dpopFor(key, { htm: 'POST', htu: `${offer.issuer}/token`, accessToken: 'not-used' }) },
    new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
      'pre-authorized_code': offer.code,
      tx_code: offer.txCode,
      client_id: `${trap.url}/client`,
    }),
  )
  t.equal(named.status, 200, 'a wallet may call itself what it likes')
  t.equal(trap.caught(), 0, 'nobody came into the trap')

  const access = await redeem(await makeOffer(story, CHILD))
  const ask = async (header: Record<string, unknown>, holder: SigningKey = generateSigningKey()) => {
    const proof = keyProof(holder, { issuer: access.issuer, nonce: await fetchNonce(access.issuer) }, { header })
    return postCredential(access, { credential_configuration_id: 'pupil', proofs: { jwt: [proof] } })
  }
  const elsewhere = { jku: { jku: trap.url }, x5u: { x5u: trap.url }, did: { jwk: undefined, kid: didOf(trap) } }
  for (const [name, header] of Object.entries(elsewhere)) {
    t.match(await ask(header), { status: 400, body: { error: 'invalid_proof' } }, `a key that lies elsewhere: ${name}`)
    t.equal(trap.caught(), 0, 'nobody came into the trap')
  }
  t.equal((await ask({})).status, 200, 'a key that is in the proof')

  const link = new URL((await askFor(story, APPS[0].slug)).authorization_request)
  const wallet_metadata = JSON.stringify({ jwks_uri: trap.url, vp_formats_supported: { 'dc+sd-jwt': {} } })
  const request = await post(link.searchParams.get('request_uri') ?? '', {}, new URLSearchParams({ wallet_metadata }))
  t.equal(request.status, 200, 'a wallet whose keys lie elsewhere is answered without them')
  t.equal(trap.caught(), 0, 'nobody came into the trap')
}

const didOf = ({ url }: Trap) => `did:web:${encodeURIComponent(new URL(url).host)}#key`

/** The address is well formed and comes from somebody whom the node knows: it is the anchor that does not vouch for it. */
async function tryBelievers(t: Test, story: Story, trap: Trap): Promise<void> {
  const refused = await approve(story, `${trap.url}/purposes/AAAAAAAAAAAAAAAAAAAAAA/1`)
  t.match(refused, { status: 422, body: { type: 'urn:samen:problem:registry-not-trusted' } })
  t.equal(trap.caught(), 0, 'nobody came into the trap for a purpose')
  const app = { slug: APPS[0].slug, apiKey: tenant(story, APPS[0].slug).apiKey }
  const purpose = await registerTaken(story, app, 'Nog meer rekenen')
  t.match(await approve(story, purpose.purpose_uri), { status: 201, body: { state: 'delivered' } }, 'an honest purpose')

  const asked = await callApp(story, app, 'consent-requests', { purpose: purpose.id, school: trap.url })
  t.match(asked, { status: 422, body: { type: 'urn:samen:problem:registry-refused' } }, 'a question about its pupil')
  t.equal(trap.caught(), 0, 'nobody came into the trap for a school')

  const verifier = publicUrl(story.settings, 'verifier')
  const newApp = { slug: 'gelovig', name: 'Gelovig', registry: trap.url }
  const { status, body } = await operate(story, 'verifier', `${verifier}/v1/apps`, newApp)
  t.equal(status, 201, 'an app whose registry the anchor does not know yet')
  const believer = { slug: newApp.slug, apiKey: body.api_key }
  t.equal((await registerPurpose(story, believer, 'Oefenen')).status, 201)
  const data = { tenant: newApp.slug }
  t.same(await triedJobs(story, 'verifier', 'registry-messages', { data, count: 1 }), ['retry'])
  t.equal(trap.caught(), 0, 'nobody came into the trap for a message to that registry')
}

t.test('an address inside a network is refused where it is registered, and an honest one is not', async (t) => {
  const story = await startNetwork(t, 'members')
  const trap = await startTrap(t)
  const app = { slug: APPS[0].slug, apiKey: tenant(story, APPS[0].slug).apiKey }
  const registry = publicUrl(story.settings, 'consent-registry')
  const newApp = { slug: 'nieuw', name: 'Nieuw', registry, return_urls: ['https://app.example/back'] }
  const add = (change: object) =>
    operate(story, 'verifier', `${publicUrl(story.settings, 'verifier')}/v1/apps`, { ...newApp, ...change })
  const webhook = (url: string) => callApp(story, app, 'webhooks', { url })

  const member = tenant(story, APPS[0].slug).entityId
  t.equal((await admit(story, member, MARK_APP_VENDOR)).status, 200, 'a member is admitted where it is')
  t.equal((await add({})).status, 201, 'an app with honest addresses')
  t.equal((await webhook('https://app.example/events')).status, 201, 'a webhook at a public address')

  // This network runs in development, where loopback by its usual names is allowed; these names of it are not.
  for (const host of ['0.0.0.0', '::ffff:127.0.0.1']) await trap.reach(host)
  const disguised = [`https://0.0.0.0:${trap.port}`, `https://[::ffff:7f00:1]:${trap.port}`]
  const inner = [...disguised, 'https://10.0.0.1:8443', 'https://169.254.169.254/latest/meta-data']
  const malformed = ['file:///etc/passwd', 'http://192.168.1.1/', 'https://user:secret@app.example/']
  const invalid = { status: 400, body: { type: 'urn:samen:problem:invalid-request' } }
  for (const url of [...inner, ...malformed]) {
    const refusal = inner.includes(url)
      ? { status: 422, body: { type: 'urn:samen:problem:address-refused' } }
      : { status: 400, body: { type: 'urn:samen:problem:invalid-entity-id' } }
    t.match(await admit(story, url, MARK_APP_VENDOR), refusal, `a member at ${url}`)
    t.match(await webhook(url), invalid, `a webhook at ${url}`)
    t.match(await add({ slug: 'inner', registry: url }), invalid, `a registry at ${url}`)
    t.equal(trap.caught(), 0, 'nobody came into the trap')
  }
  for (const url of malformed)
    t.match(await add({ slug: 'inner', return_urls: [url] }), invalid, `a way back to ${url}`)
})
