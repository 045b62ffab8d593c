import { createMembership, createTrustResolver } from '@samen/federation'
import { createApp } from '@samen/http-kit'
import { generateSigningKey } from '@samen/jwt-profile'
import pg from 'pg'
import t from 'tap'
import { createTestFederation, fixedClock, freshDatabase, startHttp } from '../src/test-kit.ts'

const migrations = new URL('../../pg-kit/test/migrations/', import.meta.url)
const MARK = 'urn:samen:trust-mark:school'
const SCHOOL = 'https://issuer.test/schools/de-wilg'

async function ask(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

t.test('each test has a database of its own, with the tables in place, and leaves nothing', async (t) => {
  const databases: { url: string; superuserUrl: string }[] = []
  await t.test('two databases at once', async (t) => {
    databases.push(...(await Promise.all([freshDatabase(t, { migrations }), freshDatabase(t, { migrations })])))
    const [first, second] = databases
    await ask(first?.url ?? '', 'insert into quota values (sha256($$a$$), 1, 1)')
    t.equal((await ask(first?.url ?? '', 'select * from quota')).length, 1)
    t.equal((await ask(second?.url ?? '', 'select * from quota')).length, 0)
    t.match(
      await ask(
        first?.url ?? '',
        'select rolsuper or rolbypassrls as mighty from pg_roles where rolname = current_user',
      ),
      [{ mighty: false }],
    )
    t.match(await ask(first?.superuserUrl ?? '', 'select rolsuper from pg_roles where rolname = current_user'), [
      { rolsuper: true },
    ])
    t.ok(await ask(first?.url ?? '', 'select * from jobs.queue'))
  })
  for (const { url } of databases) await t.rejects(ask(url, 'select 1'), { code: '3D000' })
})

t.test('a member of the test federation is trusted by the real resolver, until it is expelled', async (t) => {
  const clock = fixedClock('2026-11-24T10:00:00Z')
  const federation = await createTestFederation(clock)
  const member = await federation.createMember({
    entityId: SCHOOL,
    trustMarks: [MARK],
    metadata: ({ publicJwk }) => ({
      openid_credential_issuer: { credential_issuer: SCHOOL, jwks: { keys: [{ ...publicJwk }] } },
    }),
  })
  const resolver = createTrustResolver({ anchor: federation.anchor, fetchText: federation.fetchText, now: clock.now })
  const found = await resolver.resolve(SCHOOL, { entityType: 'openid_credential_issuer', trustMark: MARK })
  t.equal(found.jwks[0]?.kid, member.federationKey.kid)
  t.equal(member.protocolKey.x5c?.length, 1)
  federation.expel(SCHOOL)
  clock.advance(601)
  await t.rejects(resolver.resolve(SCHOOL, { entityType: 'not-needed', trustMark: MARK }), { code: 'not_a_member' })
})

t.test('a service under test gets its marks and certificates as from a real anchor', async (t) => {
  const clock = fixedClock('2026-11-24T10:00:00Z')
  const federation = await createTestFederation(clock)
  const { publicJwk, kid } = generateSigningKey()
  const membership = createMembership({
    anchor: federation.anchor,
    entityId: SCHOOL,
    fetchText: federation.fetchText,
    now: clock.now,
  })
  await t.rejects(membership.load(), { code: 'unreachable' })
  await federation.admit({
    entityId: SCHOOL,
    federationJwks: [],
    protocolJwks: [publicJwk],
    trustMarks: [MARK],
    configuration: () => '',
  })
  const { trustMarks, certificates } = await membership.load()
  t.equal(trustMarks.length, 1)
  t.equal(certificates.get(kid)?.length, 1)
})

t.test('a test asks an app over real HTTP', async (t) => {
  const openapi = { title: 't', description: 'd' }
  const app = createApp({
    name: 't',
    mode: 'production',
    logger: { level: 'silent' },
    maxInFlight: 1,
    requestTimeoutMs: 1_000,
    openapi,
  })
  app.get('/', async () => 'hello')
  const baseUrl = await startHttp(t, app)
  t.match(baseUrl, /^http:\/\/127\.0\.0\.1:\d+$/)
  t.equal(await (await fetch(baseUrl)).text(), 'hello')
})
