import { isUtf8 } from 'node:buffer'
import { JwtError } from './jwt-error.ts'

/**
 * Decodes one part of a compact token. In: base64url without padding. Out: its bytes. Throws `JwtError` `malformed`
 * for any other spelling, since bytes that can be written in two ways make two tokens of one. RFC7515#section-2
 */
export function decodeBase64url(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) throw new JwtError('malformed')
  return bytes
}

/** Decodes text. In: bytes. Out: the string they spell in UTF-8. Throws `JwtError` `malformed` where they spell none. */
export function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new JwtError('malformed')
  return bytes.toString('utf8')
}
