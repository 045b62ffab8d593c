import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MARK_APP_VENDOR, MARK_CONSENT_REGISTRY, MARK_SCHOOL, type PublishedPurpose, purposeHash } from '@samen/consent'
import type { App, Fetcher, PostReply } from '@samen/http-kit'
import { createTestFederation, fixedClock, type TestFederation, type TestMember } from '@samen/test-kit'
import { STORY_SCHOOLS, type StorySchool } from '../../../../tests/fixtures/cast.ts'
import { ROSTER_DIRECTORY, zipRoster } from '../../../../tests/fixtures/zip-roster.ts'
import type { School } from '../../src/school/school.ts'
import { type LogLines, type OpenIssuer, openIssuer, type Test } from './open-issuer.ts'

export const REGISTRY = 'https://registry.test'
export const [WATERLELIE, KOMPAS] = STORY_SCHOOLS

/** A node of the issuer in a whole federation without a network: an anchor, a registry and an app are there and sign for real. */
export interface Node extends OpenIssuer {
  readonly operatorKey: string
  readonly registry: TestMember
  /** what the world outside answers; a test may change it */
  readonly outside: Outside
  readonly addSchool: (school?: StorySchool) => Promise<TestSchool>
}

export interface TestSchool extends StorySchool {
  readonly entityId: string
  readonly apiKey: string
}

export interface Outside {
  /** pages that can be fetched, besides the documents of the federation */
  pages: Map<string, string>
  /** every message that was posted */
  posted: { url: string; body: string }[]
  answer: (body: string) => PostReply | Promise<PostReply>
}

/** Opens a node on an empty database. It is 24 November 2026, nine o'clock, until a test moves the clock. */
export async function openSchoolNode(t: Test, lines?: LogLines): Promise<Node> {
  const clock = fixedClock('2026-11-24T09:00:00Z')
  const federation = await createTestFederation({ now: clock.now })
  const registry = await federation.createMember({
    entityId: REGISTRY,
    trustMarks: [MARK_CONSENT_REGISTRY],
    metadata: () => ({ samen_consent_registry: { agreement_endpoint: `${REGISTRY}/v1/agreements` } }),
  })
  const outside: Outside = { pages: new Map(), posted: [], answer: () => ({ status: 201, headers: {}, body: '{}' }) }
  const node = await openIssuer(t, { clock, federation, fetcher: fetcherFor(federation, outside), lines })
  const operatorKey = readFileSync(join(node.config.dataDirectory, 'operator-key'), 'utf8').trim()
  const add = (school = WATERLELIE) => addSchool(node.app, operatorKey, school)
  return { ...node, operatorKey, registry, outside, addSchool: add }
}

function fetcherFor(federation: TestFederation, outside: Outside): Fetcher {
  return {
    getText: async (url) => outside.pages.get(url) ?? federation.fetchText(url),
    post: async (url, { body }) => {
      outside.posted.push({ url, body })
      return outside.answer(body)
    },
    deliver: async () => 204,
    close: async () => undefined,
  }
}

async function addSchool(app: App, operatorKey: string, school: StorySchool): Promise<TestSchool> {
  const { slug, name, brin, sector } = school
  const headers = { authorization: `Bearer ${operatorKey}` }
  const reply = await app.inject({ method: 'POST', url: '/v1/schools', headers, payload: { slug, name, brin, sector } })
  if (reply.statusCode !== 201) throw new Error(`no school: ${reply.statusCode} ${reply.body}`)
  const { entity_id: entityId, api_key: apiKey } = reply.json()
  return { ...school, entityId, apiKey }
}

export async function schoolOf(node: Node, slug: string): Promise<School> {
  const school = await node.deps.schools.find(slug)
  if (school === undefined) throw new Error('there is no such school')
  return school
}

/** The federation operator admits the school: the anchor pins its keys, gives a mark and certifies its credential key. */
export async function admit(node: Node, slug: string): Promise<void> {
  const school = await schoolOf(node, slug)
  await node.federation.admit({
    entityId: school.entityId,
    federationJwks: [school.federationKey.publicJwk],
    protocolJwks: [school.credentialKey.publicJwk],
    trustMarks: [MARK_SCHOOL],
    configuration: async () => (await node.app.inject(`/schools/${slug}/.well-known/openid-federation`)).body,
  })
}

/** A request of the school with its key. */
export function call(
  node: Node,
  school: TestSchool,
  method: 'GET' | 'POST',
  path: string,
  payload?: object | Buffer,
  headers: Record<string, string> = {},
) {
  return node.app.inject({
    method,
    url: `/v1/schools/${school.slug}/${path}`,
    headers: {
      authorization: `Bearer ${school.apiKey}`,
      ...(Buffer.isBuffer(payload) && { 'content-type': 'application/zip' }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  })
}

export const postRoster = (node: Node, school: TestSchool, zip: Buffer, query = '') =>
  call(node, school, 'POST', `imports${query}`, zip)

/** Sends a delivery that must be answered, whatever its state. */
export async function sendRoster(node: Node, school: TestSchool, zip: Buffer, query = '') {
  const reply = await postRoster(node, school, zip, query)
  if (reply.statusCode !== 201) throw new Error(`no import: ${reply.statusCode} ${reply.body}`)
  return reply.json()
}

export const APP = 'https://verifier.test/apps/rekenrijk'

/** Publishes a purpose of an app at the registry and returns its address. */
export async function publishPurpose(node: Node, change: Partial<PublishedPurpose> = {}): Promise<string> {
  await node.federation.createMember({ entityId: APP, trustMarks: [MARK_APP_VENDOR], metadata: () => ({}) })
  const text = { nl: 'Rekenen op eigen niveau', en: 'Arithmetic at your own level' }
  const purpose = {
    id: 'A'.repeat(22),
    version: 1,
    title: text,
    why: text,
    claims: [{ fact: 'year_group' as const, why: text }],
    legal_basis: 'consent' as const,
    retention: 'P1Y',
    valid_until: '2027-07-31',
  }
  const published = { registry: REGISTRY, app: APP, app_name: 'Rekenrijk', purpose, purpose_hash: purposeHash(purpose) }
  const uri = `${REGISTRY}/purposes/${purpose.id}/${purpose.version}`
  node.outside.pages.set(uri, JSON.stringify({ ...published, ...change }))
  return uri
}

/** One file of the sample delivery. */
export const rosterText = (name: string): string => readFileSync(`${ROSTER_DIRECTORY}/${name}`, 'utf8')

/** The sample delivery for this school, with these files replaced. */
export function deliveryFor(school: TestSchool, changes: Record<string, string | undefined> = {}): Promise<Buffer> {
  const orgs = rosterText('orgs.csv').replace(WATERLELIE.brin, school.brin)
  return zipRoster(ROSTER_DIRECTORY, { 'orgs.csv': orgs, ...changes })
}

/** The same without these pupils. */
export async function deliveryWithout(school: TestSchool, ...pupils: string[]): Promise<Buffer> {
  const isAbout = (line: string, pupil: string) =>
    line.startsWith(pupil) || line.includes(`-${pupil}`) || line.includes(`,${pupil},`)
  const without = (name: string) =>
    rosterText(name)
      .split('\n')
      .filter((line) => !pupils.some((pupil) => isAbout(line, pupil)))
      .join('\n')
  const names = ['users.csv', 'roles.csv', 'enrollments.csv', 'demographics.csv']
  return deliveryFor(school, Object.fromEntries(names.map((name) => [name, without(name)])))
}

/** One more school of the node, as large as De Waterlelie. */
export async function addAnotherSchool(node: Node): Promise<TestSchool> {
  const count = (await node.deps.schools.slugs()).length
  return node.addSchool({ ...WATERLELIE, slug: `school-${count}`, brin: `98ZZ${String(count).padStart(2, '0')}` })
}
