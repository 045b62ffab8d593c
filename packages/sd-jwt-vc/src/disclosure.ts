import { isUtf8 } from 'node:buffer'
import { sha256Base64url } from '@samen/jwt-profile'
import { type JsonValue, parseJson } from '@samen/strict-json'
import { SdJwtError } from './sd-jwt-error.ts'

/** One hidden claim: `name` is undefined for an element of an array. `digest` is what the issuer signed in its place. */
export type Disclosure = {
  readonly text: string
  readonly digest: string
  readonly name: string | undefined
  readonly value: JsonValue
}

/**
 * Reads a disclosure as the issuer wrote it; any spelling of the JSON is good, since the digest is over the text. SDJ#section-4.2
 *
 * In: base64url without padding. Out: what it discloses. Throws `SdJwtError` `malformed_disclosure`.
 */
export function readDisclosure(text: string): Disclosure {
  const content = decode(text)
  if (!Array.isArray(content) || typeof content[0] !== 'string') throw malformed()
  const digest = sha256Base64url(text)
  if (content.length === 2) return { text, digest, name: undefined, value: content[1] as JsonValue }
  if (content.length !== 3 || typeof content[1] !== 'string') throw malformed()
  return { text, digest, name: content[1], value: content[2] as JsonValue }
}

function decode(text: string): JsonValue {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text || !isUtf8(bytes)) throw malformed()
  try {
    return parseJson(bytes.toString('utf8'), { maxBytes: bytes.length })
  } catch (cause) {
    throw malformed(cause)
  }
}

/** Writes the disclosure of an object member. In: the salt (base64url of at least 128 random bits), name, value. SDJ#section-4.2.1 */
export function writeDisclosure(salt: string, name: string, value: JsonValue): string {
  return Buffer.from(`["${salt}",${JSON.stringify(name)},${JSON.stringify(value)}]`).toString('base64url')
}

const malformed = (cause?: unknown) => new SdJwtError('malformed_disclosure', { cause })
