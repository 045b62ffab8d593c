import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSigningKey, signJwt } from '@samen/jwt-profile'
import t from 'tap'
import { privateUrl, publicUrl } from '../../scripts/network/settings.ts'
import { APPS, CHILD, GUARDIANS, SCHOOL } from '../../scripts/story/cast.ts'
import { purposeOf, tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { startNetwork } from '../network.ts'
import { dpopFor, fetchNonce, keyProof, makeOffer, post, redeem } from '../raw-wallet.ts'

/** A place where a service reads JSON, with a body that it accepts. */
interface Door {
  readonly name: string
  readonly url: string
  /** what the honest body is answered with */
  readonly status: number
  /** whether members that nobody knows are passed over, as protocols demand; our own APIs refuse them */
  readonly isOpen: boolean
  readonly body: () => Promise<string>
  readonly headers: () => Record<string, string>
  /** puts a text that is JSON, or should be, to where the service reads it */
  readonly pack?: (json: string) => string
}

async function jsonDoors(story: Story): Promise<Door[]> {
  const school = `${publicUrl(story.settings, 'issuer')}/v1/schools/${SCHOOL.slug}`
  const app = `${publicUrl(story.settings, 'verifier')}/v1/apps/${APPS[0].slug}`
  const operatorKey = readFileSync(join(story.settings.dataDirectory, 'trust-anchor', 'operator-key'), 'utf8').trim()
  const registry = publicUrl(story.settings, 'consent-registry')
  const managed = (name: string, url: string, apiKey: string, body: object, status = 201): Door => ({
    name,
    url,
    status,
    isOpen: false,
    body: async () => JSON.stringify(body),
    headers: () => ({
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    }),
  })
  const offer = { holder: GUARDIANS[0], subject: CHILD, credentials: ['pupil'], grant: 'pre-authorized_code' }
  return [
    await credentialDoor(story),
    managed('offers', `${school}/offers`, tenant(story, SCHOOL.slug).apiKey, offer),
    managed('presentations', `${app}/presentations`, tenant(story, APPS[0].slug).apiKey, {
      purpose: purposeOf(story, APPS[0].slug).id,
    }),
    managed(
      'enrolment, on the private port',
      `${privateUrl(story.settings)}/v1/entities`,
      operatorKey,
      { entity_id: registry, trust_marks: ['urn:samen:trust-mark:consent-registry'] },
      200,
    ),
    messageDoor(registry),
  ]
}

async function credentialDoor(story: Story): Promise<Door> {
  const access = await redeem(await makeOffer(story, CHILD))
  const url = `${access.issuer}/credential`
  return {
    name: 'credential',
    url,
    status: 200,
    isOpen: true,
    headers: () => ({
      authorization: `DPoP ${access.token}`,
      dpop: dpopFor(access.key, { htm: 'POST', htu: url, accessToken: access.token }),
      'content-type': 'application/json',
    }),
    body: async () => {
      const own = { issuer: access.issuer, nonce: await fetchNonce(access.issuer) }
      const jwt = [keyProof(generateSigningKey(), own)]
      return JSON.stringify({ credential_configuration_id: 'pupil', proofs: { jwt } })
    },
  }
}

/** The registry reads JSON in messages: a readable one of a stranger is refused as a stranger's, which comes after reading. */
function messageDoor(registry: string): Door {
  const key = generateSigningKey()
  const claims = { iss: 'http://127.0.0.1:9/stranger', aud: registry, iat: Math.floor(Date.now() / 1000) }
  return {
    name: 'messages of the registry',
    url: `${registry}/v1/purposes`,
    status: 403,
    isOpen: true,
    body: async () => JSON.stringify({ ...claims, jti: randomUUID(), purpose: {} }),
    headers: () => ({ 'content-type': 'application/jwt' }),
    pack: (json) => {
      const [header = '', , signature = ''] = signJwt(key, { typ: 'samen-purpose+jwt' }, claims).split('.')
      return `${header}.${Buffer.from(json).toString('base64url')}.${signature}`
    },
  }
}

const withMember = (json: string, member: string) => `${json.slice(0, -1)},${member}}`
const firstMember = (json: string) => {
  const [name = '', value] = Object.entries(JSON.parse(json) as object)[0] ?? []
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`
}

type Change = (json: string) => string

/** Each is the honest body but for one thing, and that in a place where nothing else than the reader of JSON can mind. */
const FAULTS: Record<string, Change> = {
  'a member twice': (json) => withMember(json, firstMember(json)),
  'a member twice, its name spelled otherwise': (json) =>
    withMember(
      json,
      firstMember(json).replace(/^"(.)/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16)}`),
    ),
  'no end': (json) => json.slice(0, -1),
  'two megabytes of blanks': (json) => `${json}${' '.repeat(2_000_000)}`,
}

/** The same with a member that nobody knows, where those are passed over. */
const FAULTS_IN_UNKNOWN: Record<string, Change> = {
  'a depth of 40': (json) => withMember(json, `"extra":${'['.repeat(40)}${']'.repeat(40)}`),
  'a prototype': (json) => withMember(json, '"__proto__":{"admin":true}'),
  'a NUL': (json) => withMember(json, '"extra":"a\\u0000b"'),
  'a number beyond all bounds': (json) => withMember(json, '"extra":1e999'),
}

t.test(
  'a body that is honest but for one fault of its JSON is refused at every door, and nobody falls over',
  async (t) => {
    const story = await startNetwork(t, 'credentials')
    for (const { name, url, status, isOpen, headers, body, pack } of await jsonDoors(story)) {
      const send = async (change: Change) => {
        const json = change(await body())
        return post(url, headers(), pack ? pack(json) : json)
      }
      const honest = await send((json) => (isOpen ? withMember(json, '"extra":{"a":[1]}') : `${json} `))
      t.equal(honest.status, status, `${name}: the same without a fault is read`)
      for (const [fault, change] of Object.entries({ ...FAULTS, ...(isOpen && FAULTS_IN_UNKNOWN) })) {
        const refused = await send(change)
        const expected = fault.startsWith('two megabytes') ? [400, 413] : [400]
        t.ok(expected.includes(refused.status), `${name}: ${fault} is answered with ${refused.status}`)
        t.notMatch(JSON.stringify(refused.body), /admin/, 'and nothing of it comes back')
      }
    }
    for (const service of ['issuer', 'verifier', 'consent-registry', 'trust-anchor'] as const) {
      t.equal((await fetch(`${publicUrl(story.settings, service)}/healthz`)).status, 200, service)
    }
  },
)
