import { verify, X509Certificate } from 'node:crypto'
import { decodeProtectedHeader } from 'jose'

/**
 * Verifies a compact ES256 JWT with the leaf of its `x5c` header, and the leaf with the trusted authority: issued by it and not
 * itself, alone in the chain, no authority, within its time, and named for one URI. Returns the leaf.
 */
export function verifyByCertificate(ca: X509Certificate, jwt: string): X509Certificate {
  const { x5c, alg } = decodeProtectedHeader(jwt)
  if (alg !== 'ES256' || !x5c?.[0]) throw new Error('the JWT has no ES256 signature with a certificate')
  if (x5c.length !== 1) throw new Error('the chain is more than the leaf under the trusted authority')
  const leaf = new X509Certificate(Buffer.from(x5c[0], 'base64'))
  if (leaf.ca || !leaf.checkIssued(ca) || !leaf.verify(ca.publicKey))
    throw new Error('the certificate is not of the trusted authority')
  const now = new Date()
  if (now < leaf.validFromDate || now > leaf.validToDate) throw new Error('the certificate is not valid now')
  const signedPart = jwt.slice(0, jwt.lastIndexOf('.'))
  const signature = Buffer.from(jwt.slice(jwt.lastIndexOf('.') + 1), 'base64url')
  const key = { key: leaf.publicKey, dsaEncoding: 'ieee-p1363' } as const
  if (!verify('sha256', Buffer.from(signedPart), key, signature))
    throw new Error('the signature is not of the certificate')
  return leaf
}

/** The URI for which a leaf is named. Throws Error when there is none or more than one. */
export function uriOf(leaf: X509Certificate): string {
  const uris = (leaf.subjectAltName?.split(', ') ?? []).filter((name) => name.startsWith('URI:'))
  const [uri] = uris
  if (uri === undefined || uris.length > 1) throw new Error('the certificate is not named for one URI')
  return uri.slice('URI:'.length)
}

const AUTHORITY_KEY_IDENTIFIER = Buffer.from('0603551d23', 'hex')

/** VP#dcql_trusted_authorities: the key identifier of the authority that issued a leaf, base64url; undefined when it has none. */
export function authorityKeyId(leaf: X509Certificate): string | undefined {
  const at = leaf.raw.indexOf(AUTHORITY_KEY_IDENTIFIER)
  if (at < 0) return undefined
  // OCTET STRING, SEQUENCE and [0] with a length of one byte each; a longer identifier does not occur.
  const identifier = leaf.raw.subarray(at + AUTHORITY_KEY_IDENTIFIER.length + 4)
  return identifier[0] === 0x80 ? identifier.subarray(2, 2 + (identifier[1] ?? 0)).toString('base64url') : undefined
}
