import { X509Certificate } from 'node:crypto'
import { sql } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
import t from 'tap'
import { issueWantedCertificates, renewCertificates } from '../src/certificate/certify-keys.ts'
import {
  enc,
  type RunningAnchor,
  type RunningMember,
  runAnchor,
  runMember,
  SCHOOL,
  schoolMetadata,
} from './running-anchor.ts'

const DAY_SECONDS = 86_400

const enrol = (anchor: RunningAnchor, { entityId }: RunningMember) =>
  anchor.operate('POST', '/v1/entities', { entity_id: entityId, trust_marks: [SCHOOL] })

async function certificates(anchor: RunningAnchor, { entityId }: RunningMember): Promise<Record<string, string[]>> {
  await anchor.deps.members.reload()
  const reply = await anchor.read(`/certificates?sub=${enc(entityId)}`)
  return ((await reply.json()) as { certificates: Record<string, string[]> }).certificates
}

t.test('a school may be called anything, and is certified under its whole name', async (t) => {
  const anchor = await runAnchor(t)
  for (const [slug, name] of Object.entries({
    rekenen: '#1 Rekenen',
    urk: 'School "De Wilg" te Urk',
    leeg: 'School ""',
  })) {
    const school = await runMember(t, anchor.clock, slug)
    const metadata = schoolMetadata(school.entityId, school.credentialKey)
    school.answer.body = () =>
      school.sign({ metadata: { ...metadata, federation_entity: { organization_name: name } as JsonObject } })
    t.equal((await enrol(anchor, school)).status, 200, name)
    const [leaf] = (await certificates(anchor, school))[school.credentialKey.kid] ?? []
    t.equal(new X509Certificate(Buffer.from(leaf ?? '', 'base64')).toLegacyObject().subject.CN, name)
  }
})

t.test('a school whose key cannot be certified keeps no other school from its certificate', async (t) => {
  const anchor = await runAnchor(t)
  const broken = await runMember(t, anchor.clock, 'broken')
  await enrol(anchor, broken)
  await anchor.deps.db.run(
    sql`update certificate set x5c = null, expires_at = null, wanted_at = '2026-01-01', public_jwk = '{}'`,
  )
  const sound = await runMember(t, anchor.clock, 'sound')
  const admitted = await enrol(anchor, sound)
  t.match([admitted.status, await admitted.json()], [200, { certified_keys: [sound.credentialKey.kid] }])
  const said: unknown[] = []
  const log = { ...anchor.deps.log, error: (fields: object) => void said.push(fields) }
  await issueWantedCertificates({ ...anchor.deps, log })
  t.match(
    said,
    [{ action: 'certificate.issued', outcome: 'failed', err: { code: 'invalid_key' } }],
    'and the operator hears of it',
  )
})

t.test('near its end the authority signs nothing that would end no later, and afterwards nothing at all', async (t) => {
  const anchor = await runAnchor(t)
  const school = await runMember(t, anchor.clock)
  await enrol(anchor, school)
  const nearEnd = 10 * 365 - 300
  anchor.clock.advance(nearEnd * DAY_SECONDS)
  await renewCertificates(anchor.deps)
  const last = await certificates(anchor, school)
  for (let hour = 0; hour < 3; hour += 1) {
    anchor.clock.advance(3_600)
    await renewCertificates(anchor.deps)
    t.equal((await enrol(anchor, school)).status, 200)
  }
  t.same(await certificates(anchor, school), last, 'the certificate that ends with the authority is kept')

  anchor.clock.advance(310 * DAY_SECONDS)
  const late = await runMember(t, anchor.clock, 'late')
  await enrol(anchor, late)
  t.same(await certificates(anchor, late), {}, 'what would be over before it began is not signed')
})
