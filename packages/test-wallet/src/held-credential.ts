import { createHash, randomBytes, type X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose'
import { authorityKeyId, uriOf, verifyByCertificate } from './verify-certificate.ts'

/** One copy of a credential, with the key that it is bound to. */
export interface HeldCredential {
  readonly configurationId: string
  /** What the owner calls it, for instance which child it is about. */
  readonly label: string
  readonly vct: string
  readonly issuer: string
  readonly compact: string
  readonly holderKey: JWK
  /** All claims, as the issuer disclosed them to the holder. */
  readonly claims: Readonly<Record<string, unknown>>
  /** the key identifier of the authority that certified the issuer */
  readonly authority: string | undefined
  /** Copies that were shown once are shown again only when no fresh one is left. */
  used: boolean
}

/** Reads an SD-JWT VC with an independent library. */
export const sdJwtLibrary = new SDJwtVcInstance({
  hasher: (data, algorithm) =>
    createHash(algorithm.replace('-', ''))
      .update(Buffer.from(data as string))
      .digest(),
  hashAlg: 'sha-256',
  saltGenerator: (bytes) => randomBytes(bytes ?? 16).toString('base64url'),
})

type IssuerClaims = { iss?: string; vct?: string; exp?: number; cnf?: { jwk?: JWK } }

/**
 * Checks what an issuer sent before it is kept (SVC#vc-sd-jwt-verification-and-processing has the verifier's side): the type of the
 * token, signature by the certificate in `x5c`, certificate by the trusted authority and named for this issuer, not expired, and
 * bound to our key. Throws Error.
 */
export async function keepCredential(
  ca: X509Certificate,
  compact: string,
  owner: { issuer: string; configurationId: string; label: string; holderKey: JWK },
): Promise<HeldCredential> {
  const issuerJwt = compact.slice(0, compact.indexOf('~'))
  const leaf = verifyByCertificate(ca, issuerJwt)
  const { iss, vct, exp, cnf } = decodeJwt<IssuerClaims>(issuerJwt)
  if (decodeProtectedHeader(issuerJwt).typ !== 'dc+sd-jwt') throw new Error('this is not an SD-JWT VC')
  if (iss !== owner.issuer || uriOf(leaf) !== owner.issuer) throw new Error('the credential is of another issuer')
  if (exp !== undefined && exp * 1000 <= Date.now()) throw new Error('the credential has expired')
  if (vct === undefined) throw new Error('the credential has no type')
  if (cnf?.jwk?.x !== owner.holderKey.x || cnf?.jwk?.y !== owner.holderKey.y)
    throw new Error('the credential is bound to a key that is not ours')
  const claims = (await sdJwtLibrary.getClaims(compact)) as Record<string, unknown>
  return { ...owner, vct, compact, claims, authority: authorityKeyId(leaf), used: false }
}
