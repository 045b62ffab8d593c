import { randomBytes, X509Certificate } from 'node:crypto'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  issueLeafCertificate,
  verifyX5c,
} from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import { generateSigningKey, importPublicJwk, type PublicJwk, type SigningKey, signJwt } from '@samen/jwt-profile'
import {
  type ClaimPath,
  type ClaimsRoot,
  issueSdJwtVc,
  parseSdJwt,
  presentSdJwtVc,
  verifySdJwtVc,
} from '@samen/sd-jwt-vc'
import type { JsonObject } from '@samen/strict-json'
import type { DcqlQuery } from './dcql-query.ts'
import type { VpPolicy } from './vp-policy.ts'

/** For tests: an authority, a school that it certified, a child's credential in a wallet, and a verifier that asks for it. */
export const NOW = new Date('2026-09-01T10:00:00Z')
export const SCHOOL = 'https://issuer.example/schools/de-waterkant'
export const APP = 'https://verifier.example/apps/rekenrijk'
export const CLIENT_ID = `x509_hash:${'a'.repeat(43)}`
export const VCT = 'urn:samen:credential:pupil:1'
export const NONCE = randomBytes(16).toString('base64url')

export const PUPIL_QUERY: DcqlQuery = {
  credentials: [
    {
      id: 'pupil',
      format: 'dc+sd-jwt',
      meta: { vct_values: [VCT] },
      claims: [{ path: ['year_group'] }, { path: ['age_equal_or_over', '12'] }, { path: ['pseudonyms', APP] }],
    },
  ],
}
export const PUPIL_PATHS: ClaimPath[] = [['year_group'], ['age_equal_or_over', '12'], ['pseudonyms', APP]]

export type School = { authority: CertificateAuthority; key: SigningKey; anchors: readonly X509Certificate[] }

export async function certifiedSchool(authority?: CertificateAuthority, entityId = SCHOOL): Promise<School> {
  const ca = authority ?? (await createCertificateAuthority({ name: 'Federation', now: NOW, years: 5 }))
  const key = generateSigningKey()
  const leaf = { subjectName: 'School', entityId, publicJwk: key.publicJwk, now: NOW, days: 365 }
  const x5c = [await issueLeafCertificate(ca, leaf)]
  return { authority: ca, key: { ...key, x5c }, anchors: [new X509Certificate(ca.certificatePem)] }
}

export function issuePupil(
  school: School,
  holderKey: PublicJwk,
  issuer = SCHOOL,
  expiresAt = new Date('2027-08-31'),
  idx = 7,
): string {
  return issueSdJwtVc({
    key: school.key,
    issuer,
    vct: VCT,
    claims: {
      visible: { enrolled: true, school_year: '2026-2027' },
      hidden: { year_group: 7, given_name: 'Sterre' },
      hiddenMembers: {
        age_equal_or_over: { '12': true, '13': false },
        pseudonyms: { [APP]: 'pseudonym-for-this-app', 'https://other.example': 'another' },
      },
    },
    holderKey,
    status: { uri: `${SCHOOL}/status-lists/1`, idx },
    expiresAt,
    random: randomBytes,
    decoys: 2,
  })
}

type Presentation = { disclose?: ClaimPath[]; nonce?: string; audience?: string; now?: Date }

export function presentPupil(credential: string, holder: SigningKey, wanted: Presentation = {}): string {
  const order = { disclose: PUPIL_PATHS, nonce: NONCE, audience: CLIENT_ID, now: NOW, ...wanted }
  return presentSdJwtVc(credential, { ...order, holderKey: holder })
}

/** Trusts what the authority certified, under the name in the certificate, and every status; notes what it was asked. */
export function policyOf(school: School, asked: string[] = []): VpPolicy {
  return {
    nonce: NONCE,
    audience: CLIENT_ID,
    now: NOW,
    maxAgeSeconds: 300,
    lapsed: 'refused',
    trustIssuer: async (stated, x5c, at) => {
      asked.push('issuer')
      const { entityId, leafKey } = verifyX5c(x5c, { anchors: school.anchors, now: at })
      if ((stated ?? entityId) !== entityId) throw new ProtocolError(400, 'invalid_request', 'the name is another')
      return { key: leafKey, issuer: entityId }
    },
    checkStatus: async (_issuer, { uri, idx }) => void asked.push(`status ${uri} ${idx}`),
  }
}

const anySchool = generateSigningKey()
const anyHolder = { jwk: anySchool.publicJwk }

/** The processed payload of a credential with these claims, of which these disclosures were sent. */
export function claimsOf(claims: JsonObject, disclosures: readonly string[] = []): ClaimsRoot {
  const payload = { vct: VCT, exp: 4_000_000_000, cnf: anyHolder, ...claims }
  const text = `${[signJwt(anySchool, { typ: 'dc+sd-jwt' }, payload), ...disclosures].join('~')}~`
  const policy = { issuer: SCHOOL, key: importPublicJwk(anySchool.publicJwk), now: NOW }
  return verifySdJwtVc(parseSdJwt(text), policy).root
}
