import { createPublicKey, type KeyObject } from 'node:crypto'
import { BoundedCache } from './bounded-cache.ts'
import { sha256Base64url } from './hash.ts'
import { JwtError } from './jwt-error.ts'

/** A public key on P-256, the one curve of the profile. `x` and `y` are base64url of 32 bytes. */
export type PublicJwk = {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
  kid?: string
  alg?: string
  use?: string
}

/** 32 bytes in their only spelling: the last of 43 characters carries four bits, the other two are zero. */
const COORDINATE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const MAX_KEY_ID_LENGTH = 512

const importedKeys = new BoundedCache<KeyObject>(1024)

/**
 * The name of a key that follows from the key alone. In: a public key. Out: 43 characters of base64url, over the
 * required members only, so that `kid`, `alg` and `use` do not change it. RFC7638#section-3
 */
export function thumbprint(jwk: Pick<PublicJwk, 'x' | 'y'>): string {
  return sha256Base64url(`{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`)
}

/**
 * Reads a public key that somebody sent. In: any JSON value. Out: a new object with the known members only. Throws
 * `JwtError` `invalid_key` when it is not an EC key on P-256, is spelled in a second way (one key with two thumbprints
 * would pass for two holders), or carries private or symmetric parts. DPOP#section-4.3
 */
export function readPublicJwk(jwk: unknown): PublicJwk {
  if (typeof jwk !== 'object' || jwk === null || 'd' in jwk || 'k' in jwk) throw new JwtError('invalid_key')
  const { kty, crv, x, y, kid, alg, use } = jwk as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) throw new JwtError('invalid_key')
  return { kty, crv, x, y, ...optional('kid', kid), ...optional('alg', alg), ...optional('use', use) }
}

/**
 * Makes a key usable. In: any JSON value. Out: the key, from a bounded cache when it was seen before. Throws `JwtError`
 * `invalid_key` as `readPublicJwk` does, and for a point that is not on the curve: such a point leaks a private key in
 * a key agreement. RFC8725#section-3.4
 */
export function importPublicJwk(jwk: unknown): KeyObject {
  const point = readPublicJwk(jwk)
  return importedKeys.get(thumbprint(point), () => createPoint(point))
}

/** The same for a key that is used once, which has no place in the cache. Throws `JwtError` `invalid_key`. */
export function importOneTimeJwk(jwk: unknown): KeyObject {
  return createPoint(readPublicJwk(jwk))
}

function createPoint({ kty, crv, x, y }: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  } catch (cause) {
    throw new JwtError('invalid_key', { cause })
  }
}

function isCoordinate(value: unknown): value is string {
  return typeof value === 'string' && COORDINATE.test(value)
}

function optional<K extends string>(name: K, value: unknown): { [member in K]?: string } {
  if (value === undefined) return {}
  if (typeof value !== 'string' || value.length > MAX_KEY_ID_LENGTH) throw new JwtError('invalid_key')
  return { [name]: value } as { [member in K]: string }
}
