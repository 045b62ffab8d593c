import { AGREEMENT_MESSAGE, purposeHash, readAgreement, verifyNodeMessage } from '@samen/consent'
import { FetchError, type PostReply } from '@samen/http-kit'
import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { readAudiences } from '../src/agreement/read-audiences.ts'
import { startJobs } from '../src/jobs.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import {
  APP,
  admit,
  call,
  KOMPAS,
  type Node,
  openSchoolNode,
  publishPurpose,
  REGISTRY,
  schoolOf,
  type TestSchool,
} from './support/roster-node.ts'

const TERMS = {
  guardians: 'every',
  processor_agreement: { model: 'model-4.0', reference: '2026/17', signed_at: '2026-08-17' },
  valid_until: '2027-07-31',
}

const answer = (status: number, body: object = {}): PostReply => ({ status, headers: {}, body: JSON.stringify(body) })

async function openMember(t: Parameters<typeof openSchoolNode>[0]) {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  return { node, school, uri: await publishPurpose(node) }
}

const approve = (node: Node, school: TestSchool, body: object, headers = {}) =>
  call(node, school, 'POST', 'agreements', body, headers)

const audiences = async (node: Node, slug: string) => readAudiences(node.deps, await schoolOf(node, slug))

t.test('a school approves a purpose: the registry gets its signed word, the app becomes an audience', async (t) => {
  const { node, school, uri } = await openMember(t)
  t.same(await audiences(node, school.slug), { apps: [], registries: [] })
  const reply = await approve(node, school, { ...TERMS, purpose_uri: uri })
  t.equal(reply.statusCode, 201)
  t.match(reply.json(), { registry: REGISTRY, purpose_version: 1, app: APP, guardians: 'every', state: 'delivered' })
  t.same(await audiences(node, school.slug), { apps: [APP], registries: [REGISTRY] })

  t.equal(node.outside.posted.length, 1)
  const [{ url, body } = { url: '', body: '' }] = node.outside.posted
  t.equal(url, `${REGISTRY}/v1/agreements`)
  const { trustMark, typ } = AGREEMENT_MESSAGE
  const { resolver } = node.deps
  const message = await verifyNodeMessage(body, {
    typ,
    audience: REGISTRY,
    trustMark,
    resolver,
    now: node.deps.now(),
  })
  t.equal(message.iss, school.entityId)
  const published = JSON.parse(node.outside.pages.get(uri) ?? '')
  t.match(readAgreement(message.body['agreement']), {
    ...TERMS,
    app: APP,
    purpose_hash: purposeHash(published.purpose),
  })

  t.same((await call(node, school, 'GET', `agreements/${reply.json().id}`)).json(), reply.json())
})

t.test('approving the same again gives the same agreement and sends nothing; other terms are refused', async (t) => {
  const { node, school, uri } = await openMember(t)
  const first = await approve(node, school, { ...TERMS, purpose_uri: uri }, { 'idempotency-key': 'a' })
  const repeated = await approve(node, school, { ...TERMS, purpose_uri: uri }, { 'idempotency-key': 'a' })
  t.same([repeated.statusCode, repeated.json()], [201, first.json()])
  const again = await approve(node, school, { ...TERMS, purpose_uri: uri })
  t.same([again.statusCode, again.json()], [200, first.json()])
  t.equal(node.outside.posted.length, 1)
  const other = await approve(node, school, { ...TERMS, guardians: 'one', purpose_uri: uri })
  t.match(other.json(), { status: 409, type: 'urn:samen:problem:already-agreed' })
  const racing = await Promise.all([1, 2, 3].map(() => approve(node, school, { ...TERMS, purpose_uri: uri })))
  t.same(
    racing.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  )
  t.same(await node.db(school.slug).many(sql`select count(*) as agreements from agreement`), [{ agreements: 1 }])
})

t.test('a registry that is away gets the agreement later, under the same id', async (t) => {
  const { node, school, uri } = await openMember(t)
  let tries = 0
  node.outside.answer = () => {
    tries += 1
    if (tries === 1) throw new FetchError('unreachable')
    return tries === 2 ? answer(503) : answer(409, { error: 'already_received' })
  }
  const reply = await approve(node, school, { ...TERMS, purpose_uri: uri })
  t.match([reply.statusCode, reply.json()], [201, { state: 'signed' }])
  t.same(await audiences(node, school.slug), { apps: [APP], registries: [REGISTRY] }, 'the school has signed')
  await startJobs(node.deps)
  const state = async () => (await call(node, school, 'GET', `agreements/${reply.json().id}`)).json().state
  await until('the registry has answered', async () => (await state()) !== 'signed')
  t.equal(await state(), 'delivered', 'a registry that has it already keeps one')
  const ids = node.outside.posted.map(
    ({ body }) => JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString()).jti,
  )
  t.equal(ids.length, 3)
  t.equal(new Set(ids).size, 1)
})

t.test('an agreement that the registry rejects gives nobody a pseudonym, and may be tried again', async (t) => {
  const { node, school, uri } = await openMember(t)
  node.outside.answer = () => answer(400, { error: 'invalid_request' })
  t.match((await approve(node, school, { ...TERMS, purpose_uri: uri })).json(), { state: 'rejected' })
  t.same(await audiences(node, school.slug), { apps: [], registries: [] })
  node.outside.answer = () => answer(201)
  t.match((await approve(node, school, { ...TERMS, purpose_uri: uri })).json(), { state: 'delivered' })
})

t.test('after its last day an agreement makes nobody an audience', async (t) => {
  const { node, school, uri } = await openMember(t)
  await approve(node, school, { ...TERMS, valid_until: '2026-12-01', purpose_uri: uri })
  node.clock.advance(7 * 86_400)
  t.same((await audiences(node, school.slug)).apps, [APP], 'the last day counts')
  node.clock.advance(86_400)
  t.same((await audiences(node, school.slug)).apps, [])
})

t.test(
  'only a purpose of a member, published by a member, with a text that is what it says, is approved',
  async (t) => {
    const { node, school, uri } = await openMember(t)
    const published = JSON.parse(node.outside.pages.get(uri) ?? '')
    const refusal = async (purposeUri: string, page?: unknown) => {
      if (page !== undefined) node.outside.pages.set(purposeUri, typeof page === 'string' ? page : JSON.stringify(page))
      const reply = await approve(node, school, { ...TERMS, purpose_uri: purposeUri })
      return `${reply.statusCode} ${String(reply.json().type).replace('urn:samen:problem:', '')}`
    }
    const { purpose } = published
    t.equal(await refusal('https://registry.test/other'), '400 invalid-request')
    t.equal(await refusal(uri.replace('registry', 'stranger')), '422 registry-not-trusted')
    t.equal(await refusal(uri.replace(REGISTRY, APP)), '422 registry-not-trusted', 'a member, but no registry')
    t.equal(
      await refusal(uri, { ...published, purpose: { ...purpose, retention: 'P9Y' } }),
      '422 purpose-not-valid',
      'the hash is of another text',
    )
    t.equal(await refusal(uri, { ...published, registry: 'https://else.test' }), '422 purpose-not-valid')
    t.equal(await refusal(uri, { ...published, purpose_hash: 'x' }), '422 purpose-not-valid')
    t.equal(await refusal(uri, '<html>'), '422 purpose-not-valid')
    const newer = { ...purpose, version: 2 }
    t.equal(
      await refusal(uri, { ...published, purpose: newer, purpose_hash: purposeHash(newer) }),
      '422 purpose-not-valid',
      'another version',
    )
    const over = { ...purpose, valid_until: '2026-11-23' }
    t.equal(
      await refusal(uri, { ...published, purpose: over, purpose_hash: purposeHash(over) }),
      '422 purpose-not-valid',
      'it has ended',
    )
    t.equal(await refusal(uri, { ...published, app: 'https://verifier.test/apps/stranger' }), '422 app-not-trusted')
    t.equal(
      await refusal(uri, { ...published, app: REGISTRY }),
      '422 app-not-trusted',
      'a member without the mark of a vendor',
    )
    t.same(await node.db(school.slug).many(sql`select 1 from agreement`), [])
    t.same(node.outside.posted, [])
  },
)

t.test('the terms must be complete, and end with the purpose at the latest', async (t) => {
  const { node, school, uri } = await openMember(t)
  const status = async (change: object) =>
    (await approve(node, school, { ...TERMS, purpose_uri: uri, ...change })).statusCode
  t.equal(await status({ valid_until: '2027-08-01' }), 422)
  t.equal(await status({ valid_until: '2026-11-23' }), 422)
  t.equal(await status({ valid_until: '2027-02-30' }), 400)
  t.equal(await status({ guardians: 'none' }), 400)
  t.equal(await status({ processor_agreement: undefined }), 400)
  t.equal(await status({ processor_agreement: { ...TERMS.processor_agreement, model: '' } }), 400)
})

t.test("a school signs with its own key only, and sees no other school's agreements", async (t) => {
  const { node, school, uri } = await openMember(t)
  const other = await node.addSchool(KOMPAS)
  const made = await approve(node, school, { ...TERMS, purpose_uri: uri })
  const foreign = await approve(node, { ...school, apiKey: other.apiKey }, { ...TERMS, purpose_uri: uri })
  t.equal(foreign.statusCode, 404)
  const strangers = await call(node, other, 'GET', `agreements/${made.json().id}`)
  t.equal(strangers.statusCode, 404)
  t.equal(strangers.body, (await call(node, other, 'GET', 'agreements/none')).body)
  t.same(await audiences(node, other.slug), { apps: [], registries: [] })
})

t.test('a registry cannot make the school post to somebody else', async (t) => {
  const { node, school } = await openMember(t)
  node.federation.expel(REGISTRY)
  await node.federation.createMember({
    entityId: REGISTRY,
    trustMarks: ['urn:samen:trust-mark:consent-registry'],
    metadata: () => ({ samen_consent_registry: { agreement_endpoint: 'https://victim.test/v1/agreements' } }),
  })
  const uri = await publishPurpose(node)
  t.match((await approve(node, school, { ...TERMS, purpose_uri: uri })).json(), { state: 'signed' })
  t.same(node.outside.posted, [])
})
