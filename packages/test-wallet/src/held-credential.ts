import { createHash, randomBytes, verify, X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose'

/** One copy of a credential, with the key that it is bound to. */
export interface HeldCredential {
  readonly configurationId: string
  /** What the owner calls it, for instance which child it is about. */
  readonly label: string
  readonly vct: string
  readonly compact: string
  readonly holderKey: JWK
  /** All claims, as the issuer disclosed them to the holder. */
  readonly claims: Readonly<Record<string, unknown>>
  /** Copies that were shown once are shown again only when no fresh one is left. */
  used: boolean
}

/** Reads and checks an SD-JWT VC with an independent library. */
export const sdJwtLibrary = new SDJwtVcInstance({
  hasher: (data, algorithm) =>
    createHash(algorithm.replace('-', ''))
      .update(Buffer.from(data as string))
      .digest(),
  hashAlg: 'sha-256',
  saltGenerator: (bytes) => randomBytes(bytes ?? 16).toString('base64url'),
})

/**
 * Checks what an issuer sent before it is kept: signature by the certificate in `x5c`, certificate by the trusted
 * authority, and bound to our key.
 */
export async function keepCredential(
  ca: X509Certificate,
  compact: string,
  owner: { configurationId: string; label: string; holderKey: JWK },
): Promise<HeldCredential> {
  const issuerJwt = compact.slice(0, compact.indexOf('~'))
  verifyByCertificate(ca, issuerJwt)
  const payload = decodeJwt<{ vct: string; cnf: { jwk: JWK } }>(issuerJwt)
  if (payload.cnf.jwk.x !== owner.holderKey.x) throw new Error('the credential is bound to a key that is not ours')
  const claims = (await sdJwtLibrary.getClaims(compact)) as Record<string, unknown>
  return { ...owner, vct: payload.vct, compact, claims, used: false }
}

/** Verifies a compact JWT with the leaf of its `x5c` header, and the leaf with the trusted authority. Returns the leaf. */
export function verifyByCertificate(ca: X509Certificate, jwt: string): X509Certificate {
  const { x5c, alg } = decodeProtectedHeader(jwt)
  if (alg !== 'ES256' || !x5c?.[0]) throw new Error('the JWT has no ES256 signature with a certificate')
  const leaf = new X509Certificate(Buffer.from(x5c[0], 'base64'))
  if (!leaf.checkIssued(ca) || !leaf.verify(ca.publicKey))
    throw new Error('the certificate is not of the trusted authority')
  const signedPart = jwt.slice(0, jwt.lastIndexOf('.'))
  const signature = Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url')
  const genuine = verify(
    'sha256',
    Buffer.from(signedPart),
    { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' },
    signature,
  )
  if (!genuine) throw new Error('the signature is not of the certificate')
  return leaf
}
