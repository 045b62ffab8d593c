import { createHash, randomUUID } from 'node:crypto'
import { ProtocolError } from '@samen/errors'
import { decodeJwt, encryptJwe, generateEncryptionKey, generateSigningKey } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import { readAuthorizationResponse } from './authorization-response.ts'
import { x509HashClientId } from './client-id.ts'
import { keepAsked } from './keep-asked.ts'
import { createRequestObject } from './request-object.ts'
import { certifiedSchool, issuePupil, NOW, PUPIL_QUERY, policyOf, presentPupil } from './school.fixture.ts'
import { verifyVpToken } from './verify-vp-token.ts'
import { parseVpToken } from './vp-token.ts'

// Each test is a defect that did-auth-siop 0.20.1 shipped with; our path must not have it, whatever the library does.
const school = await certifiedSchool()
const holder = generateSigningKey()
const app = await certifiedSchool(undefined, 'https://verifier.example/apps/rekenrijk')
const clientId = x509HashClientId(app.key.x5c ?? [])

async function request(nonce: string, state: string, issuedAt = NOW) {
  const jwt = await createRequestObject({
    key: app.key,
    clientId,
    responseUri: 'https://verifier.example/responses/1',
    nonce,
    state,
    dcqlQuery: PUPIL_QUERY,
    encryptionKey: generateEncryptionKey().publicJwk,
    wallet: 'not-used',
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + 300_000),
  })
  return decodeJwt(jwt, { maxBytes: 16_384 }).payload
}

const verify = async (vpToken: JsonObject) => verifyVpToken(parseVpToken(vpToken, PUPIL_QUERY), policyOf(school))

t.test('a forged credential is refused by throwing: there is no result that a caller could overlook', async (t) => {
  const forged = presentPupil(issuePupil(await certifiedSchool(), holder.publicJwk), holder)
  await t.rejects(verify({ pupil: [forged] }), ProtocolError)
})

t.test('an empty answer is refused and does not end the process', async (t) => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  const key = generateEncryptionKey()
  for (const content of ['{"vp_token":{}}', '{"vp_token":[]}', '{"vp_token":""}', '{}']) {
    const response = await encryptJwe(content, key.publicJwk, {}, 'A128GCM')
    const refused = async () => {
      const read = readAuthorizationResponse({ response }, key)
      return 'vpToken' in read ? verify(read.vpToken) : undefined
    }
    await t.rejects(refused(), ProtocolError)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', note)
  t.same(unhandled, [])
})

t.test('a presentation that was made for another nonce or audience is refused', async (t) => {
  const credential = issuePupil(school, holder.publicJwk)
  const replayed = presentPupil(credential, holder, { nonce: 'BBBBBBBBBBBBBBBBBBBBBB' })
  await t.rejects(verify({ pupil: [replayed] }), ProtocolError)
  const elsewhere = presentPupil(credential, holder, { audience: clientId })
  await t.rejects(verify({ pupil: [elsewhere] }), ProtocolError)
})

t.test('requests that are made at the same time keep their own nonce and state', async (t) => {
  const names = Array.from({ length: 50 }, () => [randomUUID(), randomUUID()] as const)
  const made = await Promise.all(names.map(([nonce, state]) => request(nonce, state)))
  t.same(
    made.map(({ nonce, state }) => [nonce, state]),
    names,
  )
})

t.test('two states that the library’s session manager takes for one stay two', async (t) => {
  const [first, second] = collidingStates()
  t.not(first, second)
  const made = await Promise.all([request(randomUUID(), first), request(randomUUID(), second)])
  t.same(
    made.map(({ state }) => state),
    [first, second],
  )
})

t.test('a wallet whose clock runs a moment behind never finds a request in its future', async (t) => {
  const issuedAt = new Date(NOW.getTime() + 999)
  const payload = await request(randomUUID(), randomUUID(), issuedAt)
  t.equal(payload['iat'], NOW.getTime() / 1000)
  t.notOk('nbf' in payload)
})

t.test('the request holds no member of the library’s own, and the query stands in the signed part', async (t) => {
  const payload = await request(randomUUID(), randomUUID())
  for (const name of [
    'claims',
    'registration',
    'registration_uri',
    'jti',
    'nbf',
    'scope',
    'id_token_hint',
    'entity_id',
  ]) {
    t.notOk(name in payload, name)
  }
  t.same(Object.keys(payload['client_metadata'] as object).sort(), [
    'encrypted_response_enc_values_supported',
    'jwks',
    'vp_formats_supported',
  ])
  t.same(payload['dcql_query'], PUPIL_QUERY)
  t.equal(payload['exp'], NOW.getTime() / 1000 + 300, 'our own expiry')
})

t.test('a library that changed or dropped what we meant would make no request at all', async (t) => {
  const asked = { nonce: 'n', dcql_query: { credentials: [{ id: 'a' }] } }
  t.same(keepAsked({ ...asked, registration: {}, jti: 'x' }, asked), asked)
  t.throws(() => keepAsked({ ...asked, nonce: 'm' }, asked), Error)
  t.throws(() => keepAsked({ ...asked, dcql_query: { credentials: [{ id: 'a', more: 1 }] } }, asked), Error)
  t.throws(() => keepAsked({ nonce: 'n' }, asked), Error)
})

t.test('text that is no SD-JWT is refused at once and reaches no other parser', async (t) => {
  const long = 'o2d2ZXJzaW9u'.repeat(75_000)
  await t.rejects(verify({ pupil: [long] }), ProtocolError)
  await t.rejects(verify({ pupil: [long.slice(0, 900)] }), ProtocolError)
})

t.test('nothing is printed while a request is made and an answer verified', async (t) => {
  const printed: unknown[] = []
  const consoles = ['log', 'info', 'warn', 'error', 'debug'] as const
  // biome-ignore lint/suspicious/noConsole: the test listens to what a library might print
  const kept = consoles.map((name) => [name, console[name]] as const)
  for (const name of consoles) console[name] = (...text: unknown[]) => void printed.push(text)
  await request(randomUUID(), randomUUID())
  const presented = presentPupil(issuePupil(school, holder.publicJwk), holder)
  await verify({ pupil: [presented] })
  for (const [name, original] of kept) console[name] = original
  t.same(printed, [])
})

/** Two states with the same 32-bit hash of the kind that the library keeps its sessions under. */
function collidingStates(): [string, string] {
  const seen = new Map<number, string>()
  for (let counter = 0; ; counter += 1) {
    const state = createHash('sha256').update(`state ${counter}`).digest('base64url')
    const hash = [...state].reduce((sum, letter) => (Math.imul(31, sum) + letter.charCodeAt(0)) | 0, 0)
    const earlier = seen.get(hash)
    if (earlier !== undefined) return [earlier, state]
    seen.set(hash, state)
  }
}
