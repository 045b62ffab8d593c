import { randomBytes, X509Certificate } from 'node:crypto'
import { type CertificateError, createCertificateAuthority, issueLeafCertificate, verifyX5c } from '@samen/certificates'
import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import { CLAIMS, forge, holderKey, NOW, refused, SCHOOL, verifyCredential } from '../test/forge-credential.ts'
import { issueSdJwtVc } from './issue-sd-jwt-vc.ts'
import { parseSdJwt } from './parse-sd-jwt.ts'

const authority = await createCertificateAuthority({ name: 'Federation', now: NOW, years: 5 })
const stranger = await createCertificateAuthority({ name: 'Federation', now: NOW, years: 5 })
const anchors = [new X509Certificate(authority.certificatePem)]
const schoolKey = generateSigningKey()

const certify = (ca = authority, days = 30, entityId = SCHOOL) =>
  issueLeafCertificate(ca, { subjectName: 'De Eik', entityId, publicJwk: schoolKey.publicJwk, now: NOW, days })
const issue = (x5c: readonly string[]) =>
  issueSdJwtVc({
    key: { ...schoolKey, x5c },
    issuer: SCHOOL,
    vct: CLAIMS.vct,
    claims: { visible: {}, hidden: { year_group: 7 }, hiddenMembers: {} },
    holderKey: holderKey.publicJwk,
    status: CLAIMS.status.status_list,
    expiresAt: new Date('2027-08-31T00:00:00Z'),
    random: randomBytes,
    decoys: 0,
  })

/** The way to a key that every verifier of this federation takes. */
let later = NOW
const verify = (text: string) => {
  const x5c = (parseSdJwt(text).issuerJwt.header['x5c'] ?? []) as string[]
  const { leafKey, entityId } = verifyX5c(x5c, { anchors, now: later })
  return verifyCredential(text, { key: leafKey, issuer: entityId, now: later })
}

function untrusted(text: string, code: string): void {
  try {
    verify(text)
    t.fail(`not refused: ${code}`)
  } catch (error) {
    t.equal((error as CertificateError).code, code)
  }
}

t.test('a credential whose certificate leads to the anchor is believed', async (t) => {
  t.equal(verify(issue([await certify()])).issuer, SCHOOL)
})

t.test('an unknown authority, an expired leaf, the anchor along, a self-signed leaf are not', async () => {
  untrusted(issue([await certify(stranger)]), 'unknown_authority')
  untrusted(issue([await certify(), anchors[0]?.raw.toString('base64') as string]), 'anchor_in_chain')
  untrusted(issue([anchors[0]?.raw.toString('base64') as string]), 'anchor_in_chain')
  untrusted(issue([new X509Certificate(stranger.certificatePem).raw.toString('base64')]), 'self_signed')
  const short = issue([await certify(authority, 1)])
  later = new Date(NOW.getTime() + 2 * 86_400_000)
  untrusted(short, 'expired')
  later = NOW
})

t.test('a credential without a certificate is refused; no key is looked up on the web for it', async () => {
  untrusted(forge({ key: schoolKey }), 'no_certificate')
})

t.test("the name of one school with another school's certificate is refused", async (t) => {
  const foreign = await certify(authority, 30, 'https://issuer.example/schools/de-beuk')
  refused(t, 'issuer_mismatch', () => verify(issue([foreign])))
})
