import { X509Certificate as NodeCertificate } from 'node:crypto'
import { sha256Base64url } from '@samen/jwt-profile'
import { CertificateError } from './certificate-error.ts'
import { decodeDer } from './decode-certificate.ts'
import { SubjectKeyIdentifierExtension, X509Certificate } from './x509.ts'

/**
 * The name of a certificate in `x509_hash:` client identifiers. In: the leaf as it stands in `x5c`. Out: base64url of the
 * SHA-256 over its DER. Throws `CertificateError` `malformed`. VP#client_identifier_prefixes
 */
export function x509Hash(x5cLeaf: string): string {
  return sha256Base64url(decodeDer(x5cLeaf))
}

/**
 * The name under which a query asks for credentials of this authority (`trusted_authorities`, type `aki`). In: the
 * authority's certificate as PEM. Out: base64url of the key identifier that stands in each leaf it issues. Throws
 * `CertificateError` `malformed`. VP#dcql_trusted_authorities
 */
export function authorityKeyIdentifier(caPem: string): string {
  let keyId: string | undefined
  try {
    keyId = new X509Certificate(new NodeCertificate(caPem).raw).getExtension(SubjectKeyIdentifierExtension)?.keyId
  } catch (cause) {
    throw new CertificateError('malformed', { cause })
  }
  if (keyId === undefined) throw new CertificateError('malformed')
  return Buffer.from(keyId, 'hex').toString('base64url')
}
