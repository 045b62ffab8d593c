import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyX5c } from '@samen/certificates'
import {
  createMembership,
  createTrustResolver,
  parseTrustAnchor,
  readEntityConfiguration,
  readSubordinateStatement,
} from '@samen/federation'
import { decodeJwt, generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import { ANCHOR, enc, type RunningAnchor, runAnchor, runMember, SCHOOL, schoolMetadata } from './running-anchor.ts'

type Granted = { certificates: Record<string, string[]> }

const enrol = (anchor: RunningAnchor, entityId: string, marks: string[] = [SCHOOL]) =>
  anchor.operate('POST', '/v1/entities', { entity_id: entityId, trust_marks: marks })

const anchorFile = (anchor: RunningAnchor) =>
  parseTrustAnchor(readFileSync(join(anchor.config.dataDirectory, 'public', 'trust-anchor.json'), 'utf8'))

/** What a node sees of the federation: the anchor by its public name, members where they are. */
const fetchThrough = (anchor: RunningAnchor) => async (url: string) => {
  const reply = url.startsWith(ANCHOR) ? await anchor.read(url.slice(ANCHOR.length)) : await fetch(url)
  if (!reply.ok) throw new Error(String(reply.status))
  return reply.text()
}

t.test('a school that the operator admits is listed, vouched for, marked and certified', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  const admitted = await enrol(anchor, school.entityId)
  t.equal(admitted.status, 200)
  t.match(await admitted.json(), {
    entity_id: school.entityId,
    name: 'De Wilg',
    trust_marks: [SCHOOL],
    entity_types: ['federation_entity', 'openid_credential_issuer'],
    certified_keys: [school.credentialKey.kid],
  })
  t.same(await (await anchor.read('/list')).json(), [school.entityId])

  const file = anchorFile(anchor)
  const fetched = await anchor.read(`/fetch?sub=${enc(school.entityId)}`)
  t.equal(fetched.headers.get('content-type'), 'application/entity-statement+jwt')
  const policy = { issuer: ANCHOR, subject: school.entityId, jwks: file.jwks, now: anchor.clock.now() }
  const statement = readSubordinateStatement(await fetched.text(), policy)
  t.equal(statement.jwks[0]?.x, school.federationKey.publicJwk.x)

  const deps = { anchor: file, fetchText: fetchThrough(anchor), now: anchor.clock.now }
  const { trustMarks, certificates } = await createMembership({ ...deps, entityId: school.entityId }).load()
  t.equal(decodeJwt(trustMarks[0] ?? '', { maxBytes: 9999 }).payload['trust_mark_type'], SCHOOL)
  const x5c = certificates.get(school.credentialKey.kid) ?? []
  const leaf = verifyX5c(x5c, { anchors: [new X509Certificate(file.caPem)], now: anchor.clock.now() })
  t.equal(leaf.entityId, school.entityId)
  const monthsLeft = (leaf.expiresAt.getTime() - anchor.clock.now().getTime()) / (30 * 86_400_000)
  t.ok(monthsLeft > 25, 'a certificate outlives every credential that it stands in')

  const member = await createTrustResolver(deps).resolve(school.entityId, {
    entityType: 'not-needed',
    trustMark: 'not-needed',
  })
  t.equal(member.jwks[0]?.kid, school.federationKey.kid)
})

t.test('the anchor describes itself as everybody who was given its file expects', async (t) => {
  const anchor = await runAnchor(t)
  const reply = await anchor.read('/.well-known/openid-federation')
  t.equal(reply.headers.get('content-type'), 'application/entity-statement+jwt')
  const token = await reply.text()
  const policy = { entityId: ANCHOR, jwks: anchorFile(anchor).jwks, superior: 'none', now: anchor.clock.now() } as const
  t.match(readEntityConfiguration(token, policy).metadata, {
    federation_entity: {
      federation_fetch_endpoint: `${ANCHOR}/fetch`,
      federation_list_endpoint: `${ANCHOR}/list`,
      federation_trust_mark_endpoint: `${ANCHOR}/trust-mark`,
    },
  })
  const { payload } = decodeJwt(token, { maxBytes: 99_999 })
  t.match(payload['trust_mark_issuers'], { [SCHOOL]: [ANCHOR] })
  t.notOk('authority_hints' in payload)
})

t.test('admitting a school again changes nothing, and takes its new keys when it has some', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await enrol(anchor, school.entityId)
  const granted = async () =>
    (await anchor.read(`/certificates?sub=${enc(school.entityId)}`)).json() as Promise<Granted>
  const before = await granted()
  t.equal((await enrol(anchor, school.entityId)).status, 200)
  t.same(await granted(), before)

  const newKey = generateSigningKey()
  const newFederationKey = generateSigningKey()
  const encryptionKey = { ...generateSigningKey().publicJwk, use: 'enc', alg: 'ECDH-ES' } as JsonObject
  const metadata = {
    ...schoolMetadata(school.entityId, newKey),
    openid_credential_verifier: { jwks: { keys: [encryptionKey] } },
  }
  school.answer.body = () => school.sign({ metadata, key: newFederationKey })
  t.equal((await enrol(anchor, school.entityId)).status, 200)
  const after = await granted()
  t.same(
    Object.keys(after.certificates),
    [newKey.kid],
    'the key it gave up is certified no more, one for encryption never',
  )
  const statement = await (await anchor.read(`/fetch?sub=${enc(school.entityId)}`)).text()
  t.match(decodeJwt(statement, { maxBytes: 99_999 }).payload, { jwks: { keys: [{ kid: newFederationKey.kid }] } })
})

t.test('twenty admissions of one school at once make one member with one certificate', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  const replies = await Promise.all(Array.from({ length: 20 }, () => enrol(anchor, school.entityId)))
  t.same([...new Set(replies.map((reply) => reply.status))], [200])
  const { db } = anchor.deps
  t.same(await db.many(sql`select count(*)::int as n from member`), [{ n: 1 }])
  t.same(await db.many(sql`select count(*)::int as n from certificate`), [{ n: 1 }])
  t.same(await db.many(sql`select count(*)::int as n from audit_event where action = 'certificate.issued'`), [{ n: 1 }])
})

t.test('an expelled school is gone at once: not listed, not vouched for, no marks, no certificates', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await enrol(anchor, school.entityId)
  const paths = [
    `/fetch?sub=${enc(school.entityId)}`,
    `/trust-mark?trust_mark_type=${SCHOOL}&sub=${enc(school.entityId)}`,
    `/certificates?sub=${enc(school.entityId)}`,
  ]
  for (const path of paths) t.equal((await anchor.read(path)).status, 200, path)
  t.equal((await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)).status, 204)
  t.same(await (await anchor.read('/list')).json(), [])
  for (const path of paths) {
    const reply = await anchor.read(path)
    t.equal(reply.status, 404, path)
    t.match(await reply.json(), { error: 'not_found', error_description: String })
  }
  t.equal((await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)).status, 404)
  const listed = await (await anchor.operate('GET', '/v1/entities')).json()
  t.match(listed, { entities: [{ entity_id: school.entityId, state: 'expelled', expelled_at: String }], next: null })

  t.equal((await enrol(anchor, school.entityId)).status, 200, 'it may come back when the operator wants it')
  t.same(await (await anchor.read('/list')).json(), [school.entityId])
})

t.test('an answer about a stranger and about an expelled school is the same to the byte', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await enrol(anchor, school.entityId)
  await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)
  for (const path of ['/fetch?sub=', '/certificates?sub=', `/trust-mark?trust_mark_type=${SCHOOL}&sub=`]) {
    const [expelled, stranger] = await Promise.all(
      [school.entityId, 'https://stranger.example'].map((id) => anchor.read(`${path}${enc(id)}`)),
    )
    t.equal(expelled?.status, stranger?.status)
    t.equal(await expelled?.text(), await stranger?.text())
  }
})

t.test('a candidate that does not prove who it is stays outside, and the operator hears why', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  const sharedKey = schoolMetadata(school.entityId, school.federationKey)
  const faults: Record<string, () => string> = {
    'signed by somebody else': () =>
      school.sign({ key: { ...generateSigningKey(), kid: school.federationKey.kid } }).replace(/\.[^.]+$/, '.AAAA'),
    'below another anchor': () => school.sign({ superior: 'https://other.example' }),
    'with its federation key as credential key': () => school.sign({ metadata: sharedKey }),
    'without the role that its mark stands for': () => school.sign({ metadata: { openid_credential_verifier: {} } }),
    'with a protocol key of another kind': () =>
      school.sign({
        metadata: {
          openid_credential_issuer: { credential_issuer: school.entityId, jwks: { keys: [{ kty: 'RSA' }] } },
        },
      }),
    'that is no statement': () => '<html>',
  }
  for (const [fault, body] of Object.entries(faults)) {
    school.answer.body = body
    const reply = await enrol(anchor, school.entityId)
    t.equal(reply.status, 422, fault)
    t.match(await reply.json(), { type: /urn:samen:problem:(invalid-entity|wrong-role)/, title: String })
  }
  school.answer = { ...school.answer, type: 'text/html', body: () => school.sign() }
  t.equal((await enrol(anchor, school.entityId)).status, 502, 'not sent as an entity statement')
  school.answer = { ...school.answer, status: 500 }
  t.equal((await enrol(anchor, school.entityId)).status, 502, 'broken')
  t.same(await (await anchor.read('/list')).json(), [])
})

t.test('a wish that cannot be meant is refused before anybody is asked', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  const wishes = [
    { entity_id: 'https://Other.example', trust_marks: [SCHOOL] },
    { entity_id: 'http://169.254.169.254/x', trust_marks: [SCHOOL] },
    { entity_id: school.entityId, trust_marks: ['urn:other'] },
    { entity_id: school.entityId, trust_marks: [SCHOOL, SCHOOL] },
    { entity_id: school.entityId },
  ]
  for (const wish of wishes) t.equal((await anchor.operate('POST', '/v1/entities', wish)).status, 400)
  t.equal(school.asked, 0)
})

t.test('a candidate inside a network is told apart from one that is away, since nobody is asked there', async (t) => {
  const anchor = await runAnchor(t)
  for (const entityId of ['https://10.0.0.1', 'https://169.254.169.254/latest', 'https://[::ffff:7f00:1]']) {
    const reply = await enrol(anchor, entityId)
    t.match([reply.status, await reply.json()], [422, { type: 'urn:samen:problem:address-refused' }], entityId)
  }
  const away = await enrol(anchor, 'http://127.0.0.1:1/nobody')
  t.match([away.status, await away.json()], [502, { type: 'urn:samen:problem:unreachable-entity' }])
})

t.test('nobody but the operator admits, lists or expels, and the public port knows no such thing', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  const wish = { entity_id: school.entityId, trust_marks: [SCHOOL] }
  for (const key of [null, 'x', anchor.operatorKey().slice(1)]) {
    t.equal((await anchor.operate('POST', '/v1/entities', wish, { key })).status, 401)
    t.equal((await anchor.operate('GET', '/v1/entities', undefined, { key })).status, 401)
    t.equal((await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`, undefined, { key })).status, 401)
  }
  t.equal(school.asked, 0)
  t.equal((await anchor.read('/v1/entities')).status, 404)
})

t.test('every change of membership leaves one line in the audit', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await enrol(anchor, school.entityId)
  await enrol(anchor, school.entityId)
  await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)
  await anchor.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)
  const written = await anchor.deps.db.many(sql`select actor, action, outcome from audit_event order by action`)
  t.same(written, [
    { actor: 'authority', action: 'certificate.issued', outcome: 'ok' },
    { actor: 'operator', action: 'member.admitted', outcome: 'ok' },
    { actor: 'operator', action: 'member.admitted', outcome: 'ok' },
    { actor: 'operator', action: 'member.expelled', outcome: 'ok' },
  ])
  await anchor.deps.db.run(sql`delete from audit_event`)
  t.equal((await anchor.deps.db.many(sql`select 1 from audit_event`)).length, 4, 'what was written stays')
})
