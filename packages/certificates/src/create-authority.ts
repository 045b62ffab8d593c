import { webcrypto } from 'node:crypto'
import { exportSigningKey, generateSigningKey, type PrivateJwk } from '@samen/jwt-profile'
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './x509.ts'

/** The authority of a federation: its certificate is public, its key is sealed. */
export type CertificateAuthority = { readonly certificatePem: string; readonly privateJwk: PrivateJwk }

export const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** Certificates begin a little before they are made: the clocks of two nodes differ. */
const BACKDATING_MS = 5 * 60_000
const MAX_COMMON_NAME_LENGTH = 64

/**
 * Makes the authority that signs the certificates of all members. In: its name, the time, its life in years. Out: its
 * certificate (CA, no intermediate below it, may only sign certificates and revocation lists) and its private key.
 */
export async function createCertificateAuthority(options: {
  readonly name: string
  readonly now: Date
  readonly years: number
}): Promise<CertificateAuthority> {
  const privateJwk = exportSigningKey(generateSigningKey())
  const { d: _private, ...publicJwk } = privateJwk
  const publicKey = await webcrypto.subtle.importKey('jwk', publicJwk, ES256, true, ['verify'])
  const privateKey = await webcrypto.subtle.importKey('jwk', privateJwk, ES256, false, ['sign'])
  const notAfter = new Date(options.now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + options.years)
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: distinguishedName(options.name),
    notBefore: backdated(options.now),
    notAfter,
    keys: { publicKey, privateKey },
    signingAlgorithm: ES256,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return { certificatePem: certificate.toString('pem'), privateJwk }
}

/** When a certificate made now begins. */
export function backdated(now: Date): Date {
  return new Date(now.getTime() - BACKDATING_MS)
}

/**
 * As typed data and not as text: a bare text that begins with `#` is read as hex, what stands between quotes as the whole, and a comma
 * adds an attribute. As long as X.520 lets a common name be.
 */
export function distinguishedName(commonName: string): Name {
  return new Name([{ CN: [{ utf8String: Array.from(commonName).slice(0, MAX_COMMON_NAME_LENGTH).join('') }] }])
}
