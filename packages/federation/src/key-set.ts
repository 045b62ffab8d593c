// Federation keys arrive inside statements; what is read here decides whose signatures count.
import { importPublicJwk, type PublicJwk, thumbprint } from '@samen/jwt-profile'
import { TrustError } from './trust-error.ts'

const MOST_KEYS = 8
const LONGEST_KEY_ID = 255

/**
 * FED#jwksClaim. Takes the value of a `jwks` member and returns its keys, at least one and at most eight.
 * Throws TrustError `invalid_statement` unless each is a public P-256 key with a `kid` of its own. A private member, a repeated
 * `kid` or one key under two names would let two readers verify the same statement with different keys.
 */
export function readKeySet(value: unknown): readonly (PublicJwk & { kid: string })[] {
  const keys = isRecord(value) ? value['keys'] : undefined
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS) throw refused()
  const read = keys.map(readKey)
  if (new Set(read.map((key) => key.kid)).size !== read.length) throw refused()
  if (new Set(read.map((key) => thumbprint(key))).size !== read.length) throw refused()
  return read
}

function readKey(value: unknown): PublicJwk & { kid: string } {
  if (!isRecord(value)) throw refused()
  const { kid, alg, use } = value
  if (typeof kid !== 'string' || kid === '' || kid.length > LONGEST_KEY_ID) throw refused()
  if ((alg ?? 'ES256') !== 'ES256' || (use ?? 'sig') !== 'sig') throw refused()
  try {
    importPublicJwk(value)
  } catch (cause) {
    throw refused(cause)
  }
  const { kty, crv, x, y } = value as PublicJwk
  return { kty, crv, x, y, kid }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(cause?: unknown): TrustError {
  return new TrustError(
    'invalid_statement',
    'a key set is not a list of distinct public P-256 keys with distinct ids',
    { cause },
  )
}
