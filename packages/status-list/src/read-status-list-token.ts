import type { KeyObject } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { CLOCK_SKEW_SECONDS, decodeJwt, JwtError, verifyDecodedJwt } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { isStatusSize, type PackedStatuses, type StatusSize } from './status-bits.ts'
import { StatusListError } from './status-list-error.ts'

/** What the receiver demands of a list. */
export type StatusListPolicy = {
  /** The `uri` of the credential that is looked up. */
  readonly uri: string
  /** The key of the list and whose it is, or a throw. The header is not proven yet. */
  readonly keyFor: (header: JsonObject) => { readonly key: KeyObject; readonly owner: string }
  readonly now: Date
}

/** A list that was proven, inflated. `owner` is who signed it; `ttlSeconds` is undefined when the token names none. */
export type StatusList = PackedStatuses & {
  readonly owner: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly ttlSeconds: number | undefined
}

/** A list of 2^24 random bits is 2.8 MB as a token. */
const MAX_TOKEN_BYTES = 4_194_304
/**
 * An absolute bound on what a list inflates to: real lists reach 900:1, so no ratio tells them from a bomb. 16 MiB are 134 million
 * statuses of one bit. TSL#status-list-size
 */
const MAX_LIST_BYTES = 16 * 1_048_576

/**
 * Verifies and inflates a Status List Token. TSL#validation-rules
 *
 * In: the compact JWS and the policy. Out: the list. Throws `StatusListError`: wrong `typ` (a CWT is not even a JWS), `sub` other than
 * the URI, unknown key, signature, `iat` from the future, `exp` past or missing, or a list that is not exactly one zlib stream of a
 * supported width.
 */
export function readStatusListToken(token: string, policy: StatusListPolicy): StatusList {
  const { payload, owner } = verifyToken(token, policy)
  const { bits, lst } = readListClaim(payload['status_list'])
  const bytes = inflateList(lst)
  const now = policy.now.getTime() / 1000
  const iat = readSeconds(payload['iat'])
  if (iat > now + CLOCK_SKEW_SECONDS) throw new StatusListError('not_yet_valid')
  // Nothing is forgiven at that end: past `exp` a list is dead.
  const exp = readSeconds(payload['exp'])
  if (exp <= now) throw new StatusListError('expired')
  return {
    owner,
    bits,
    size: (bytes.length * 8) / bits,
    bytes,
    issuedAt: new Date(iat * 1000),
    expiresAt: new Date(exp * 1000),
    ttlSeconds: payload['ttl'] === undefined ? undefined : readSeconds(payload['ttl']),
  }
}

function verifyToken(token: string, policy: StatusListPolicy): { payload: JsonObject; owner: string } {
  return fromJwtError(() => {
    const jwt = decodeJwt(token, { maxBytes: MAX_TOKEN_BYTES })
    // A list of the same issuer about other credentials must not answer for these.
    if (jwt.payload['sub'] !== policy.uri) throw new StatusListError('wrong_uri')
    const { key, owner } = askForKey(policy, jwt.header)
    verifyDecodedJwt(jwt, {
      typ: 'statuslist+jwt',
      key: { keyObject: key },
      issuer: 'not-used',
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
    })
    return { payload: jwt.payload, owner }
  })
}

function askForKey(policy: StatusListPolicy, header: JsonObject): { key: KeyObject; owner: string } {
  try {
    return policy.keyFor(header)
  } catch (cause) {
    throw new StatusListError('untrusted_key', { cause })
  }
}

function readListClaim(claim: JsonValue | undefined): { bits: StatusSize; lst: string } {
  if (claim === undefined) throw new StatusListError('missing_claim')
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) throw new StatusListError('malformed_claim')
  const { bits, lst } = claim
  if (!isStatusSize(bits)) throw new StatusListError('unsupported_bits')
  if (typeof lst !== 'string') throw new StatusListError('malformed_claim')
  return { bits, lst }
}

/** TSL#status-list-byte-array. The stream must be all there is: bytes after it would be read by nobody and signed by somebody. */
function inflateList(lst: string): Buffer {
  const compressed = Buffer.from(lst, 'base64url')
  if (compressed.toString('base64url') !== lst) throw new StatusListError('malformed_list')
  const { buffer, read } = inflate(compressed)
  if (read !== compressed.length || buffer.length === 0) throw new StatusListError('malformed_list')
  return buffer
}

function inflate(compressed: Buffer): { buffer: Buffer; read: number } {
  try {
    const options = { maxOutputLength: MAX_LIST_BYTES, info: true }
    const { buffer, engine } = inflateSync(compressed, options) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    return { buffer, read: engine.bytesWritten }
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError
    throw new StatusListError(isTooLarge ? 'list_too_large' : 'malformed_list', { cause })
  }
}

function readSeconds(value: JsonValue | undefined): number {
  if (value === undefined) throw new StatusListError('missing_claim')
  if (typeof value !== 'number') throw new StatusListError('malformed_claim')
  return value
}

function fromJwtError<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (cause instanceof JwtError) throw new StatusListError(cause.code, { cause })
    throw cause
  }
}
