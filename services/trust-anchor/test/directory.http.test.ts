import { decodeJwt } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { renewCertificates } from '../src/certificate/certify-keys.ts'
import { ANCHOR, enc, runAnchor, runMember, SCHOOL } from './running-anchor.ts'

type Granted = { certificates: Record<string, string[]> }

t.test('what the list says can be narrowed down, and every id on it can be fetched', async (t) => {
  const anchor = await runAnchor(t)
  const marked = await runMember(t, anchor.clock, 'marked')
  const plain = await runMember(t, anchor.clock, 'plain')
  await anchor.operate('POST', '/v1/entities', { entity_id: marked.entityId, trust_marks: [SCHOOL] })
  await anchor.operate('POST', '/v1/entities', { entity_id: plain.entityId, trust_marks: [] })
  const list = async (query: string) => (await anchor.read(`/list${query}`)).json()
  const both = [marked.entityId, plain.entityId].sort()
  t.same(await list(''), both)
  t.same(await list('?entity_type=openid_credential_issuer'), both)
  t.same(await list('?entity_type=openid_credential_verifier'), [])
  t.same(await list(`?trust_mark_type=${SCHOOL}`), [marked.entityId])
  t.same(await list('?trust_marked=true'), [marked.entityId])
  t.same(await list('?trust_marked=false'), both)
  t.same(await list('?intermediate=true'), [])
  t.same(await list('?intermediate=false'), both)
  t.same(await list('?colour=blue'), both)
  t.match(await list('?intermediate=perhaps'), { error: 'invalid_request' })
  t.match(await list('?entity_type=a&entity_type=b'), { error: 'unsupported_parameter' })
  for (const id of both) t.equal((await anchor.read(`/fetch?sub=${enc(id)}&colour=blue`)).status, 200)
})

t.test(
  'a question without a subject, or about the anchor itself, is told apart from one about a stranger',
  async (t) => {
    const anchor = await runAnchor(t)
    for (const path of [
      '/fetch',
      `/fetch?sub=${enc(ANCHOR)}`,
      '/trust-mark',
      `/trust-mark?sub=${enc(ANCHOR)}`,
      '/certificates',
    ]) {
      const reply = await anchor.read(path)
      t.equal(reply.status, 400, path)
      t.match(await reply.json(), { error: 'invalid_request', error_description: String })
    }
    for (const sub of ['https://stranger.example', 'https://ANCHOR.example', `${ANCHOR}/`]) {
      const reply = await anchor.read(`/fetch?sub=${enc(sub)}`)
      t.equal(reply.status, 404, sub)
      t.equal(reply.headers.get('cache-control'), 'no-store')
      t.match(await reply.json(), { error: 'not_found' })
    }
  },
)

t.test('a signed document is made once and served from memory until it is half its age', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await anchor.operate('POST', '/v1/entities', { entity_id: school.entityId, trust_marks: [SCHOOL] })
  const fetchStatement = async () => (await anchor.read(`/fetch?sub=${enc(school.entityId)}`)).text()
  const first = await fetchStatement()
  anchor.clock.advance(50)
  t.equal(await fetchStatement(), first)
  for (let minutes = 0; minutes < 30; minutes += 1) {
    anchor.clock.advance(60)
    await anchor.deps.members.reload()
  }
  const second = await fetchStatement()
  t.not(second, first)
  const { exp, iat } = decodeJwt(second, { maxBytes: 9_999 }).payload
  t.equal(Number(exp) - Number(iat), 3_600)
})

t.test('public answers need no database, but stop when nothing was heard from it for a minute', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await anchor.operate('POST', '/v1/entities', { entity_id: school.entityId, trust_marks: [SCHOOL] })
  await anchor.deps.jobs.stop()
  await anchor.deps.db.close()
  const paths = ['/list', `/fetch?sub=${enc(school.entityId)}`, `/certificates?sub=${enc(school.entityId)}`]
  for (const path of paths) t.equal((await anchor.read(path)).status, 200, path)
  anchor.clock.advance(61)
  for (const path of paths) {
    const reply = await anchor.read(path)
    t.equal(reply.status, 503, path)
    t.ok(reply.headers.get('retry-after'))
  }
})

t.test('an expulsion at one process is seen by another at its next look', async (t) => {
  const first = await runAnchor(t)
  const school = await runMember(t, first.clock)
  await first.operate('POST', '/v1/entities', { entity_id: school.entityId, trust_marks: [SCHOOL] })
  const second = await runAnchor(t, first.config)
  t.equal((await second.read(`/fetch?sub=${enc(school.entityId)}`)).status, 200)
  await first.operate('DELETE', `/v1/entities/${enc(school.entityId)}`)
  await second.deps.members.reload()
  t.equal((await second.read(`/fetch?sub=${enc(school.entityId)}`)).status, 404)
})

t.test('an admission that was cut off before the certificate was signed is completed later', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await anchor.operate('POST', '/v1/entities', { entity_id: school.entityId, trust_marks: [SCHOOL] })
  const granted = async () => (await (await anchor.read(`/certificates?sub=${enc(school.entityId)}`)).json()) as Granted
  const { db } = anchor.deps
  await db.run(sql`update certificate set x5c = null, expires_at = null, wanted_at = date_trunc('second', now())`)
  await db.run(sql`update directory set version = version + 1`)
  await anchor.deps.members.reload()
  t.same((await granted()).certificates, {})
  await renewCertificates(anchor.deps)
  t.same(Object.keys((await granted()).certificates), [school.credentialKey.kid])
})

t.test('a certificate is replaced while it still outlives everything its key can sign', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await anchor.operate('POST', '/v1/entities', { entity_id: school.entityId, trust_marks: [SCHOOL] })
  const certificate = async () => {
    await anchor.deps.members.reload()
    const reply = await anchor.read(`/certificates?sub=${enc(school.entityId)}`)
    return ((await reply.json()) as Granted).certificates[school.credentialKey.kid]?.[0]
  }
  const first = await certificate()
  anchor.clock.advance(399 * 86_400)
  await renewCertificates(anchor.deps)
  t.equal(await certificate(), first)
  anchor.clock.advance(2 * 86_400)
  await renewCertificates(anchor.deps)
  const second = await certificate()
  t.not(second, first)
  await renewCertificates(anchor.deps)
  t.equal(await certificate(), second)
})
