import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { certifiedSchool, issuePupil, NOW, PUPIL_QUERY, policyOf, presentPupil, SCHOOL } from './school.fixture.ts'
import { verifyVpToken } from './verify-vp-token.ts'
import { parseVpToken } from './vp-token.ts'

const LATER = new Date('2027-12-01T00:00:00Z')
const school = await certifiedSchool()
const holder = generateSigningKey()
const policy = { ...policyOf(school), now: LATER }
const issue = (expiresAt?: Date, by = school) => issuePupil(by, holder.publicJwk, SCHOOL, expiresAt)
const verify = (presentation: string, lapsed: 'refused' | 'taken') =>
  verifyVpToken(parseVpToken({ pupil: [presentation] }, PUPIL_QUERY), { ...policy, lapsed })
const REFUSED = { name: 'ProtocolError', status: 400 }

t.test('a credential that has run out says whose it was only to who asks no more than that', async (t) => {
  const presented = presentPupil(issue(), holder, { now: LATER })
  await t.rejects(verify(presented, 'refused'), REFUSED)
  t.equal((await verify(presented, 'taken'))['pupil']?.issuer, SCHOOL)
})

t.test('a holder who signed when it was still good signs nothing today', async (t) => {
  await t.rejects(verify(presentPupil(issue(), holder, { now: new Date('2027-08-30T00:00:00Z') }), 'taken'), REFUSED)
  await t.rejects(verify(presentPupil(issue(), generateSigningKey(), { now: LATER }), 'taken'), REFUSED)
})

t.test('its signature is of the school, under a certificate that was valid when the credential was', async (t) => {
  const stranger = { ...school, key: { ...generateSigningKey(), x5c: school.key.x5c ?? [] } }
  await t.rejects(verify(presentPupil(issue(undefined, stranger), holder, { now: LATER }), 'taken'), REFUSED)
  const long = issue(new Date('2027-11-01T00:00:00Z'))
  await t.rejects(verify(presentPupil(long, holder, { now: LATER }), 'taken'), REFUSED, 'which ran out before it')
  const early = issue(new Date(NOW.getTime() - 86_400_000))
  await t.rejects(verify(presentPupil(early, holder, { now: LATER }), 'taken'), REFUSED, 'which began after it')
})
