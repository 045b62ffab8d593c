import { type JsonObject, parseJson } from '@samen/strict-json'
import { decodeBase64url, decodeUtf8 } from './decode-base64url.ts'
import { JwtError } from './jwt-error.ts'

/** A token taken apart. Nothing in it is proven. */
export type DecodedJwt = {
  readonly header: JsonObject
  readonly payload: JsonObject
  /** What the signature was made over. */
  readonly signingInput: string
  readonly signature: Buffer
}

/**
 * Takes a token apart without believing it. In: the compact form and the most bytes it may have. Out: its parts. Throws
 * `JwtError` `too_large` or `malformed`: three parts in the one spelling of base64url, header and claims strict JSON
 * objects. RFC7515#section-7.1, RFC7519#section-7.2
 */
export function decodeJwt(token: string, limits: { readonly maxBytes: number }): DecodedJwt {
  if (token.length > limits.maxBytes) throw new JwtError('too_large')
  const [header, payload, signature, ...more] = token.split('.', 4)
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw new JwtError('malformed')
  }
  return {
    header: decodeJsonObject(header),
    payload: decodeJsonObject(payload),
    signingInput: token.slice(0, header.length + 1 + payload.length),
    signature: decodeBase64url(signature),
  }
}

/** Decodes one part that must hold a JSON object. Throws `JwtError` `malformed`. */
export function decodeJsonObject(part: string): JsonObject {
  const text = decodeUtf8(decodeBase64url(part))
  let value: unknown
  try {
    value = parseJson(text, { maxBytes: text.length * 3 })
  } catch (cause) {
    throw new JwtError('malformed', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new JwtError('malformed')
  return value as JsonObject
}
