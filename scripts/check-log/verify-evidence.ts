import type { X509Certificate } from 'node:crypto'
import { CertificateError, verifyX5c } from '@samen/certificates'
import { decisionNonce, VCT_GUARDIANSHIP } from '@samen/consent'
import { type DecodedJwt, decodeJwt, JwtError, readPublicJwk, verifyJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { CheckFault, FORGED } from './advice.ts'
import type { Evidence } from './family-record.ts'

const MAX_BYTES = 65_536
/** Between signing in the wallet and the moment at which the registry wrote it down lie minutes: a number has to be typed. */
const SLACK_SECONDS = 1_200

const UNUSED = {
  issuer: 'not-used',
  audience: 'not-used',
  maxAgeSeconds: 'not-used',
  clockSkewSeconds: 300,
  maxBytes: MAX_BYTES,
} as const

/**
 * Checks what proves one decision: the nonce that the holder signed is that of this very document (SDJ#section-4.3), the signature is by
 * the key to which the school bound the credential of a guardian, and it was made when the log says that it was decided (`at`). With the
 * authority of a federation also that the school of the document signed the credential, under a certificate that names it.
 * To whom the wallet believed to answer (`aud`) is not checked: a record holds no certificate of the registry. Throws CheckFault.
 */
export function verifyEvidence(evidence: Evidence, at: Date, authority: X509Certificate | undefined): void {
  const { salt, document, issuer_jwt, kb_jwt } = evidence
  const credential = attempt(`the credential cannot be read`, () => decodeJwt(issuer_jwt, { maxBytes: MAX_BYTES }))
  if (credential.payload['vct'] !== VCT_GUARDIANSHIP) throw forged('the credential is not one of a guardian')
  const holderKey = attempt(`the credential names no key`, () => readPublicJwk(keyOf(credential.payload)))
  const { payload } = attempt('the signature is not by the key of the credential', () =>
    verifyJwt(kb_jwt, { ...UNUSED, typ: 'kb+jwt', key: { jwk: holderKey }, expiry: 'not-used', now: at }),
  )
  if (payload['nonce'] !== decisionNonce(Buffer.from(salt, 'base64url'), document))
    throw forged('another decision was signed than the one that is shown')
  // A time that is none is near to nothing.
  if (!(Math.abs(Number(payload['iat']) - at.getTime() / 1000) <= SLACK_SECONDS))
    throw forged('it was signed at another time than it was logged')
  if (authority !== undefined)
    assertOfSchool(evidence, credential, authority, goodAt(document.decision, credential, at))
}

/** Who takes away may do it with a credential that has run out (`docs/adr/0015`): it had to be good until its last second. */
function goodAt(word: Evidence['document']['decision'], { payload }: DecodedJwt, at: Date): Date {
  const { exp } = payload
  return word !== 'yes' && typeof exp === 'number' && exp * 1000 <= at.getTime() ? new Date((exp - 1) * 1000) : at
}

function assertOfSchool(
  { document, issuer_jwt }: Evidence,
  { header }: DecodedJwt,
  authority: X509Certificate,
  at: Date,
): void {
  const { leafKey, entityId } = attempt('the credential is not certified by this federation', () =>
    verifyX5c(texts(header['x5c']), { anchors: [authority], now: at }),
  )
  if (entityId !== document.school) throw forged('the credential is of another school than the request')
  attempt('the credential is not signed by the school', () =>
    verifyJwt(issuer_jwt, {
      ...UNUSED,
      typ: 'dc+sd-jwt',
      issuer: document.school,
      key: { keyObject: leafKey },
      expiry: 'required',
      now: at,
    }),
  )
}

function keyOf({ cnf }: JsonObject): unknown {
  return typeof cnf === 'object' && cnf !== null && !Array.isArray(cnf) ? cnf['jwk'] : undefined
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function attempt<T>(fault: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (cause instanceof JwtError || cause instanceof CertificateError) throw forged(fault, cause)
    throw cause
  }
}

function forged(reason: string, cause?: unknown): CheckFault {
  return new CheckFault(FORGED, reason, cause)
}
