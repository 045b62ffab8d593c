import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMembership, createTrustResolver, parseTrustAnchor, signEntityConfiguration } from '@samen/federation'
import { createApp } from '@samen/http-kit'
import { generateSigningKey, type PublicJwk } from '@samen/jwt-profile'
import { fixedClock, freshDatabase, startHttp } from '@samen/test-kit'
import t, { type Test } from 'tap'
import { createEnrolmentApp, createTrustAnchorApp } from '../src/app.ts'
import { filesOf } from '../src/config.ts'
import { closeDeps, type Deps, openDeps } from '../src/deps.ts'

const SCHOOL_MARK = 'urn:samen:trust-mark:school'

async function openAnchor(t: Test) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'samen-anchor-'))
  const { url, superuserUrl } = await freshDatabase(t, { migrations: new URL('../migrations/', import.meta.url) })
  const clock = fixedClock()
  const config = {
    mode: 'development',
    publicUrl: 'http://127.0.0.1:7400',
    host: '127.0.0.1',
    port: 0,
    privateHost: '127.0.0.1',
    privatePort: 0,
    databaseUrl: url,
    dataDirectory,
    logLevel: 'silent',
    allowedHosts: [],
  } as const
  const deps = await openDeps(config, { now: clock.now })
  const [app, enrolment] = [createTrustAnchorApp(deps), createEnrolmentApp(deps)]
  t.teardown(async () => {
    await app.close()
    await enrolment.close()
    await closeDeps(deps)
    rmSync(dataDirectory, { recursive: true, force: true })
  })
  const operator = { authorization: `Bearer ${readFileSync(filesOf(config).operatorKey, 'utf8').trim()}` }
  return { deps, app, enrolment, clock, config, operator, superuserUrl }
}

async function startSchool(t: Test, deps: Deps, superior = deps.entityId) {
  const federation = generateSigningKey()
  const credential = generateSigningKey()
  const app = createApp({
    name: 'school',
    mode: 'development',
    logger: { level: 'silent' },
    maxInFlight: 10,
    requestTimeoutMs: 5_000,
    openapi: { title: 'school', description: 'school' },
  })
  let entityId = ''
  app.get('/.well-known/openid-federation', async (_request, reply) =>
    reply.type('application/entity-statement+jwt').send(
      signEntityConfiguration({
        key: federation,
        entityId,
        authorityHints: [superior],
        metadata: {
          federation_entity: { organization_name: 'De Vlieger' },
          openid_credential_issuer: { credential_issuer: entityId, jwks: { keys: [publicPart(credential.publicJwk)] } },
        },
        trustMarks: [],
        now: deps.now(),
        lifetimeSeconds: 3_600,
        federationJwks: [federation.publicJwk],
      }),
    ),
  )
  entityId = await startHttp(t, app)
  return { entityId, federation, credential }
}

const publicPart = ({ kty, crv, x, y, kid, alg, use }: PublicJwk) => ({ kty, crv, x, y, kid, alg, use }) as never

function admission(operator: { authorization?: string }, entityId: string, trustMarks = [SCHOOL_MARK]) {
  return {
    method: 'POST',
    url: '/v1/entities',
    headers: operator,
    payload: { entity_id: entityId, trust_marks: trustMarks },
  } as const
}

t.test(
  'a school that the operator admits has a statement, a mark and a certificate that its node can check',
  async (t) => {
    const { deps, app, enrolment, config, operator } = await openAnchor(t)
    const school = await startSchool(t, deps)
    const admitted = await enrolment.inject(admission(operator, school.entityId))
    t.equal(admitted.statusCode, 200)
    t.match(admitted.json(), { name: 'De Vlieger', certified_keys: [school.credential.kid] })

    const anchor = parseTrustAnchor(readFileSync(filesOf(config).trustAnchor, 'utf8'))
    const fetchText = async (url: string) => {
      if (url.startsWith(school.entityId)) return (await fetch(url)).text()
      const reply = await app.inject({ url: url.slice(deps.entityId.length) })
      if (reply.statusCode !== 200) throw new Error(`${reply.statusCode}`)
      return reply.payload
    }
    const membership = await createMembership({ anchor, entityId: school.entityId, fetchText, now: deps.now }).load()
    t.equal(membership.trustMarks.length, 1)
    t.ok(membership.certificates.get(school.credential.kid))
    const resolver = createTrustResolver({ anchor, fetchText, now: deps.now })
    const member = await resolver.resolve(school.entityId, { trustMark: 'not-needed' })
    t.equal(member.jwks[0]?.x, school.federation.publicJwk.x)
  },
)

t.test('an expelled school is gone from every public answer at once', async (t) => {
  const { deps, app, enrolment, operator } = await openAnchor(t)
  const { entityId } = await startSchool(t, deps)
  await enrolment.inject(admission(operator, entityId))
  const sub = encodeURIComponent(entityId)
  t.equal((await app.inject({ url: `/fetch?sub=${sub}` })).statusCode, 200)
  const expelled = await enrolment.inject({ method: 'DELETE', url: `/v1/entities?entity_id=${sub}`, headers: operator })
  t.equal(expelled.statusCode, 204)
  const stranger = await app.inject({ url: `/fetch?sub=${encodeURIComponent('https://nobody.example')}` })
  for (const url of [
    `/fetch?sub=${sub}`,
    `/certificates?sub=${sub}`,
    `/trust-mark?trust_mark_type=${SCHOOL_MARK}&sub=${sub}`,
  ]) {
    const reply = await app.inject({ url })
    t.equal(reply.statusCode, 404, url)
    t.equal(reply.payload, stranger.payload, 'as if it had never been a member')
  }
  t.same((await app.inject({ url: '/list' })).json(), [])
  const again = await enrolment.inject({ method: 'DELETE', url: `/v1/entities?entity_id=${sub}`, headers: operator })
  t.equal(again.statusCode, 404)
})

t.test('nobody without the operator key admits a member, and the public port cannot admit at all', async (t) => {
  const { deps, app, enrolment, operator } = await openAnchor(t)
  const { entityId } = await startSchool(t, deps)
  t.equal((await enrolment.inject(admission({}, entityId))).statusCode, 401)
  t.equal((await enrolment.inject(admission({ authorization: 'Bearer wrong' }, entityId))).statusCode, 401)
  t.equal((await app.inject(admission(operator, entityId))).statusCode, 404)
  t.same(deps.members.all(), [])
})

t.test('a candidate whose configuration does not hold is refused and nothing is stored', async (t) => {
  const { deps, enrolment, operator } = await openAnchor(t)
  const stranger = await startSchool(t, deps, 'https://another-anchor.example')
  const cases = [
    [stranger.entityId, [SCHOOL_MARK], 422, 'urn:samen:problem:invalid-entity'],
    ['http://127.0.0.1:9', [SCHOOL_MARK], 502, 'urn:samen:problem:unreachable-entity'],
    ['https://x.example/?a=1', [SCHOOL_MARK], 400, 'urn:samen:problem:invalid-entity-id'],
    [(await startSchool(t, deps)).entityId, ['urn:samen:trust-mark:app-vendor'], 422, 'urn:samen:problem:wrong-role'],
  ] as const
  for (const [entityId, marks, status, type] of cases) {
    const reply = await enrolment.inject(admission(operator, entityId, [...marks]))
    t.equal(reply.statusCode, status, type)
    t.equal(reply.json().type, type)
  }
  t.same(deps.members.all(), [])
})

t.test('the list is narrowed by type and by mark', async (t) => {
  const { deps, app, enrolment, operator } = await openAnchor(t)
  const { entityId } = await startSchool(t, deps)
  await enrolment.inject(admission(operator, entityId))
  const list = async (query: string) => (await app.inject({ url: `/list?${query}` })).json()
  t.same(await list('entity_type=openid_credential_issuer'), [entityId])
  t.same(await list('entity_type=openid_credential_verifier'), [])
  t.same(await list(`trust_mark_type=${SCHOOL_MARK}`), [entityId])
  t.same(await list('intermediate=true'), [])
})

t.test('a certificate is renewed for the same key a month before it ends', async (t) => {
  const { deps, enrolment, operator, clock } = await openAnchor(t)
  const { renewCertificates } = await import('../src/certificate/renew-certificates.ts')
  const { entityId, credential } = await startSchool(t, deps)
  await enrolment.inject(admission(operator, entityId))
  const first = deps.members.find(entityId)?.certificates[credential.kid]
  await renewCertificates(deps)
  t.same(deps.members.find(entityId)?.certificates[credential.kid], first, 'not while it is young')
  clock.advance(61 * 86_400)
  await renewCertificates(deps)
  t.notSame(deps.members.find(entityId)?.certificates[credential.kid], first)
})

t.test('after a restart it is the same anchor, and without its keyring it does not start', async (t) => {
  const { deps, config, clock } = await openAnchor(t)
  const again = await openDeps(config, { now: clock.now })
  t.equal(again.keys.federation.kid, deps.keys.federation.kid)
  await closeDeps(again)
  rmSync(filesOf(config).keyring)
  await t.rejects(openDeps(config, { now: clock.now }))
})
