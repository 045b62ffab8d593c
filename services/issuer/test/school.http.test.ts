import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MARK_CONSENT_REGISTRY, MARK_SCHOOL } from '@samen/consent'
import { formatTrustAnchor, readEntityConfiguration, signTrustMark } from '@samen/federation'
import { generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import { pooledRandom } from '@samen/sealing'
import { createTestFederation } from '@samen/test-kit'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { openDeps } from '../src/deps.ts'
import { createMembershipPull, earliestExpiry, pullMembership } from '../src/membership/pull-membership.ts'
import { PUBLIC_URL } from './support/open-issuer.ts'
import { admit, KOMPAS, openSchoolNode, schoolOf, WATERLELIE } from './support/roster-node.ts'

const { slug, name, brin, sector } = WATERLELIE
const school = { slug, name, brin, sector }

t.test('the operator makes a school, which then has keys of its own that nobody can read', async (t) => {
  const node = await openSchoolNode(t)
  const made = await node.addSchool()
  t.equal(made.entityId, `${PUBLIC_URL}/schools/${slug}`)
  t.match(made.apiKey, /^[\w-]{43}$/)
  const opened = await schoolOf(node, slug)
  t.not(opened.federationKey.kid, opened.credentialKey.kid)
  t.equal(opened.pseudonymKey.length, 32)
  t.notSame(opened.pseudonymKey, opened.rosterKey)
  const keys = await node
    .db(slug)
    .many<{ purpose: string; sealed: Buffer }>(sql`select purpose, sealed from school_key order by purpose`)
  t.same(
    keys.map(({ purpose }) => purpose),
    ['credential', 'federation', 'pseudonym', 'roster'],
  )
  for (const { sealed } of keys) {
    t.notOk(sealed.includes(opened.pseudonymKey))
    t.notOk(sealed.includes('"d":'))
  }
  const audits = await node.db(slug).many<{ action: string }>(sql`select action from audit_event`)
  t.same(audits, [{ action: 'school.created' }])
})

t.test('one name and one BRIN make one school, and only the operator makes it', async (t) => {
  const node = await openSchoolNode(t)
  const post = (payload: object, key = node.operatorKey, headers: Record<string, string> = {}) =>
    node.app.inject({
      method: 'POST',
      url: '/v1/schools',
      payload,
      headers: { authorization: `Bearer ${key}`, ...headers },
    })
  const made = await post(school, node.operatorKey, { 'idempotency-key': 'first' })
  t.equal(made.statusCode, 201)
  t.equal(
    (await post(school, node.operatorKey, { 'idempotency-key': 'first' })).body,
    made.body,
    'the same key shows the API key again',
  )
  t.match((await post(school)).json(), { status: 409, type: 'urn:samen:problem:school-exists' })
  t.match((await post({ ...school, slug: 'another' })).json(), { status: 409 }, 'the BRIN is taken')
  t.same(await node.deps.schools.slugs(), [slug], 'a refused school leaves nothing')
  t.equal((await post({ ...school, slug: 'x', brin: '99ZC00' }, 'no-operator')).statusCode, 401)
  t.equal(
    (await post({ ...school, slug: 'x', brin: '99ZC00' }, made.json().api_key)).statusCode,
    401,
    "a school's key makes no schools",
  )
  for (const bad of [
    { slug: 'Hoofdletter' },
    { slug: '../etc' },
    { brin: '99ZA' },
    { sector: 'mbo' },
    { name: '' },
    { holiday_region: 'west' },
  ])
    t.equal((await post({ ...school, ...bad })).statusCode, 400, JSON.stringify(bad))
  const racing = await Promise.all([1, 2, 3].map(() => post({ ...school, slug: 'race', brin: '99ZD00' })))
  t.same(racing.map(({ statusCode }) => statusCode).sort(), [201, 409, 409])
})

t.test('a school shows itself to the federation under its own keys, before and after it is admitted', async (t) => {
  const node = await openSchoolNode(t)
  await node.addSchool()
  const url = `/schools/${slug}/.well-known/openid-federation`
  const before = await node.app.inject(url)
  t.equal(before.headers['content-type'], 'application/entity-statement+jwt')
  const opened = await schoolOf(node, slug)
  const policy = {
    entityId: opened.entityId,
    jwks: [opened.federationKey.publicJwk],
    superior: node.config.anchor.entityId,
  }
  const read = (token: string) => readEntityConfiguration(token, { ...policy, now: node.deps.now() })
  const configuration = read(before.body)
  t.match(configuration.metadata, {
    federation_entity: { organization_name: name },
    openid_credential_issuer: {
      credential_issuer: opened.entityId,
      jwks: { keys: [{ kid: opened.credentialKey.kid, use: 'sig' }] },
    },
    oauth_authorization_server: { issuer: opened.entityId },
  })
  t.notMatch(Buffer.from(before.body.split('.')[1] ?? '', 'base64url').toString(), /"d":/, 'no private key goes out')
  t.same(configuration.trustMarks, [])
  t.equal((await node.app.inject(url)).body, before.body, 'served from memory, not signed for each request')

  await admit(node, slug)
  t.equal(await pullMembership(node.deps, await schoolOf(node, slug)), true)
  const after = read((await node.app.inject(url)).body)
  t.same(
    after.trustMarks.map(({ type }) => type),
    [MARK_SCHOOL],
  )
  t.equal((await schoolOf(node, slug)).credentialKey.x5c?.length, 1)
  const member = await node.deps.resolver.resolve(opened.entityId, { entityType: 'not-needed', trustMark: MARK_SCHOOL })
  t.equal(member.entityId, opened.entityId, 'the chain to the anchor holds')

  const issuerMetadata = (await node.app.inject(`/.well-known/openid-credential-issuer/schools/${slug}`)).json()
  const { jwks: _, ...inFederation } = member.metadata['openid_credential_issuer'] ?? {}
  t.same(inFederation, issuerMetadata, 'the same document as at the well-known address')
  for (const unknown of ['nobody', '..%2f', 'A'])
    t.equal((await node.app.inject(`/schools/${unknown}/.well-known/openid-federation`)).statusCode, 404)
})

t.test('a school keeps asking until it is a member, then rarely, and renews in time', async (t) => {
  const node = await openSchoolNode(t)
  await node.addSchool()
  let asked = 0
  const { fetcher } = node.deps
  const counting = {
    ...node.deps,
    fetcher: {
      ...fetcher,
      getText: (...args: Parameters<typeof fetcher.getText>) => {
        if (args[0].includes('/certificates')) asked += 1
        return fetcher.getText(...args)
      },
    },
  }
  const pull = createMembershipPull(counting)
  const tick = async (seconds: number) => {
    node.clock.advance(seconds)
    await pull()
  }
  await tick(0)
  await tick(1)
  await tick(1)
  t.equal(asked, 3, 'nobody has admitted it yet: every second')
  t.same((await schoolOf(node, slug)).trustMarks, [])
  await admit(node, slug)
  await tick(1)
  t.equal((await schoolOf(node, slug)).trustMarks.length, 1)
  await tick(1)
  await tick(600)
  t.equal(asked, 4, 'a member is not asked for every second')
  const ends = earliestExpiry(await schoolOf(node, slug))
  await tick((ends - node.deps.now().getTime()) / 1_000 - 599)
  t.equal(asked, 5, 'ten minutes before a mark ends it is fetched anew')
  t.ok(earliestExpiry(await schoolOf(node, slug)) > ends)
})

t.test('what is granted to another is not taken, and nothing is lost when the anchor is away', async (t) => {
  const node = await openSchoolNode(t)
  await node.addSchool()
  await admit(node, slug)
  await pullMembership(node.deps, await schoolOf(node, slug))
  const before = await schoolOf(node, slug)
  const { anchor } = node.federation
  const forged = signTrustMark({
    key: generateSigningKey(),
    issuer: anchor.entityId,
    subject: before.entityId,
    type: MARK_CONSENT_REGISTRY,
    now: node.deps.now(),
    lifetimeSeconds: 3_600,
  })
  const mark = (type: string) =>
    `${anchor.entityId}/trust-mark?${new URLSearchParams({ trust_mark_type: type, sub: before.entityId })}`
  node.outside.pages.set(mark(MARK_SCHOOL), forged)
  await t.rejects(pullMembership(node.deps, before), { code: 'invalid_trust_mark' })
  node.federation.expel(before.entityId)
  await t.rejects(pullMembership(node.deps, before), { code: 'unreachable' })
  node.deps.schools.forget(slug)
  t.same((await schoolOf(node, slug)).trustMarks, before.trustMarks)
  t.same((await schoolOf(node, slug)).credentialKey.x5c, before.credentialKey.x5c)
})

t.test('signed documents are served while the database is away, and health says that it is', async (t) => {
  const node = await openSchoolNode(t)
  await node.addSchool()
  const url = `/schools/${slug}/.well-known/openid-federation`
  const before = await node.app.inject(url)
  t.equal((await node.app.inject('/healthz')).statusCode, 200)
  await node.deps.db.close()
  node.clock.advance(120)
  t.equal((await node.app.inject(url)).body, before.body)
  t.equal((await node.app.inject('/healthz')).statusCode >= 500, true)
})

t.test('a second start opens what the first one sealed, and another key file is refused', async (t) => {
  const node = await openSchoolNode(t)
  await node.addSchool(KOMPAS)
  const keys = (await schoolOf(node, KOMPAS.slug)).pseudonymKey
  const world = { now: node.clock.now, random: pooledRandom }
  const again = await openDeps(node.config, world)
  t.same((await again.schools.find(KOMPAS.slug))?.pseudonymKey, keys)
  await again.close()
  for (const name of ['keyring', 'operator-key']) {
    t.equal(statSync(join(node.config.dataDirectory, name)).mode & 0o077, 0, 'for its owner only')
  }
  const elsewhere = mkdtempSync(join(tmpdir(), 'samen-issuer-'))
  t.teardown(() => rmSync(elsewhere, { recursive: true }))
  await t.rejects(openDeps({ ...node.config, dataDirectory: elsewhere }, world), 'the key file is missing')
  writeFileSync(join(elsewhere, 'keyring'), pooledRandom(32), { mode: 0o600 })
  await t.rejects(
    openDeps({ ...node.config, dataDirectory: elsewhere }, world),
    /not the one with which this database was sealed/,
  )
})

t.test('the node says in one sentence what is missing before it starts', async (t) => {
  const { anchor } = await createTestFederation({ now: () => new Date('2026-11-24T09:00:00Z') })
  const directory = t.testdir({ 'anchor.json': formatTrustAnchor(anchor) })
  const full = {
    MODE: 'production',
    PUBLIC_URL: 'https://issuer.test/',
    DATABASE_URL: 'postgres://x',
    DATA_DIR: '/data',
    TRUST_ANCHOR_FILE: join(directory, 'anchor.json'),
  }
  t.match(readConfig(full), { publicUrl: 'https://issuer.test', port: 7410, anchor: { entityId: anchor.entityId } })
  for (const name of Object.keys(full)) {
    t.throws(() => readConfig({ ...full, [name]: undefined }), {
      message: `the issuer cannot start: ${name} is not set`,
    })
  }
})
