import { X509Certificate } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'

const MAX_BASE64_LENGTH = 8192

/**
 * Decodes one element of `x5c`. In: standard base64 of DER. Out: the DER. Throws `CertificateError` `malformed` for any
 * second spelling of the same bytes. RFC7515#section-4.1.6
 */
export function decodeDer(base64: string): Buffer {
  if (typeof base64 !== 'string' || base64.length > MAX_BASE64_LENGTH) throw new CertificateError('malformed')
  const der = Buffer.from(base64, 'base64')
  if (der.length === 0 || der.toString('base64') !== base64) throw new CertificateError('malformed')
  return der
}

/** Parses DER. Throws `CertificateError` `malformed`, also when bytes follow that are no part of the certificate. */
export function parseCertificate(der: Buffer): X509Certificate {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(der)
  } catch (cause) {
    throw new CertificateError('malformed', { cause })
  }
  if (!certificate.raw.equals(der)) throw new CertificateError('malformed')
  return certificate
}
