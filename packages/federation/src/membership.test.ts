import { createCertificateAuthority, issueLeafCertificate } from '@samen/certificates'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import {
  ANCHOR,
  anchorClaims,
  anchorOf,
  entity,
  markClaims,
  NOW,
  SCHOOL,
  signMark,
  signStatement,
} from '../test/mint-federation.ts'
import { createMembership } from './membership.ts'

const MARK = 'urn:samen:trust-mark:school'
const anchor = entity(ANCHOR)
const credentialKey = generateSigningKey()
const authority = await createCertificateAuthority({ name: 'CA', now: NOW, years: 5 })

const leafFor = (entityId: string, key = credentialKey, ca = authority) =>
  issueLeafCertificate(ca, { subjectName: 'De Wilg', entityId, publicJwk: key.publicJwk, now: NOW, days: 90 })

/** An anchor that answers as told; what it sends is sound unless a test says otherwise. */
async function load(answers: { granted?: object; mark?: string; now?: Date; refuse?: boolean } = {}) {
  const granted = answers.granted ?? {
    sub: SCHOOL,
    trust_mark_types: [MARK],
    certificates: { [credentialKey.kid]: [await leafFor(SCHOOL)] },
  }
  const asked: string[] = []
  const membership = createMembership({
    anchor: { ...anchorOf(anchor), caPem: authority.certificatePem },
    entityId: SCHOOL,
    now: () => answers.now ?? NOW,
    fetchText: async (url) => {
      asked.push(url)
      if (answers.refuse) throw new Error('404')
      if (url.endsWith('/.well-known/openid-federation')) return signStatement(anchor.key, anchorClaims(anchor))
      if (url.startsWith(`${ANCHOR}/certificates?`)) return JSON.stringify(granted)
      return answers.mark ?? signMark(anchor.key, markClaims(ANCHOR, SCHOOL))
    },
  })
  return { asked, loaded: membership.load() }
}

t.test('a member pulls its marks and the certificates of its keys', async (t) => {
  const { asked, loaded } = await load()
  const { trustMarks, certificates } = await loaded
  t.equal(trustMarks.length, 1)
  t.equal(certificates.get(credentialKey.kid)?.length, 1)
  const sub = encodeURIComponent(SCHOOL)
  t.same(asked, [
    `${ANCHOR}/certificates?sub=${sub}`,
    `${ANCHOR}/.well-known/openid-federation`,
    `${ANCHOR}/trust-mark?trust_mark_type=${encodeURIComponent(MARK)}&sub=${sub}`,
  ])
})

t.test('before enrolment there is nothing to pull', async (t) => {
  await t.rejects((await load({ refuse: true })).loaded, { code: 'unreachable' })
})

t.test('an answer about another member, or no answer at all, is not taken', async (t) => {
  const sound = { sub: SCHOOL, trust_mark_types: [], certificates: {} }
  for (const granted of [{ ...sound, sub: `${SCHOOL}/` }, { ...sound, trust_mark_types: MARK }, [], { error: 'x' }]) {
    await t.rejects((await load({ granted })).loaded, { code: 'unreachable' })
  }
})

t.test("a mark that is another member's, or not the anchor's, is not taken", async (t) => {
  const faults = [
    signMark(anchor.key, markClaims(ANCHOR, 'https://other.example')),
    signMark(anchor.key, markClaims(ANCHOR, SCHOOL, 'urn:samen:trust-mark:app-vendor')),
    signMark({ ...entity(ANCHOR).key, kid: anchor.key.kid }, markClaims(ANCHOR, SCHOOL)),
  ]
  for (const mark of faults) await t.rejects((await load({ mark })).loaded, { code: 'invalid_trust_mark' })
})

t.test(
  'a certificate for another member, for another key, from another CA or past its time is not taken',
  async (t) => {
    const otherKey = generateSigningKey()
    const otherAuthority = await createCertificateAuthority({ name: 'CA', now: NOW, years: 5 })
    const faults = [
      await leafFor('https://other.example'),
      await leafFor(SCHOOL, otherKey),
      await leafFor(SCHOOL, credentialKey, otherAuthority),
    ]
    for (const leaf of faults) {
      const granted = { sub: SCHOOL, trust_mark_types: [], certificates: { [credentialKey.kid]: [leaf] } }
      await t.rejects((await load({ granted })).loaded, { code: 'invalid_certificate' })
    }
    const later = new Date(NOW.getTime() + 91 * 86_400_000)
    const granted = {
      sub: SCHOOL,
      trust_mark_types: [],
      certificates: { [credentialKey.kid]: [await leafFor(SCHOOL)] },
    }
    await t.rejects((await load({ granted, now: later })).loaded, { code: 'invalid_certificate' })
  },
)
