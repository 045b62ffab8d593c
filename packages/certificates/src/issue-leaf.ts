import { webcrypto } from 'node:crypto'
import { importPublicJwk, type PublicJwk } from '@samen/jwt-profile'
import { CertificateError } from './certificate-error.ts'
import { backdated, type CertificateAuthority, distinguishedName, ES256 } from './create-authority.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.ts'

/** For whom and how long. `entityId` becomes the one SAN URI; `subjectName` is for display only. */
export type LeafRequest = {
  readonly subjectName: string
  readonly entityId: string
  readonly publicJwk: PublicJwk
  readonly now: Date
  readonly days: number
}

/**
 * Certifies the key of a member. In: the authority and the request. Out: base64 of the DER, as it goes into `x5c`. It may
 * sign and do nothing else, and it does not outlive its authority. Throws `JwtError` `invalid_key`, and
 * `CertificateError` `wrong_name` when the entity id is no absolute URL in ASCII, `expired` when the authority is over.
 * HAIP#issuer-key-resolution
 */
export async function issueLeafCertificate(ca: CertificateAuthority, request: LeafRequest): Promise<string> {
  importPublicJwk(request.publicJwk)
  assertEntityId(request.entityId)
  const { kty, crv, x, y } = request.publicJwk
  const publicKey = await webcrypto.subtle.importKey('jwk', { kty, crv, x, y }, ES256, true, ['verify'])
  const authority = new X509Certificate(ca.certificatePem)
  if (request.now >= authority.notAfter) throw new CertificateError('expired')
  const wished = new Date(request.now.getTime() + request.days * 86_400_000)
  const certificate = await X509CertificateGenerator.create({
    subject: distinguishedName(request.subjectName),
    issuer: authority.subjectName,
    notBefore: backdated(request.now),
    notAfter: wished < authority.notAfter ? wished : authority.notAfter,
    publicKey,
    signingKey: await webcrypto.subtle.importKey('jwk', ca.privateJwk, ES256, false, ['sign']),
    signingAlgorithm: ES256,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new SubjectAlternativeNameExtension([{ type: 'url', value: request.entityId }]),
      await AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return certificate.toString('base64')
}

/** An entity id is a URL and stands in the certificate byte for byte. FED#Terminology */
function assertEntityId(entityId: string): void {
  if (!/^https?:\/\/[!-~]+$/.test(entityId) || !URL.canParse(entityId)) throw new CertificateError('wrong_name')
}
