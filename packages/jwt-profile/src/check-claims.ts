import type { JsonObject } from '@samen/strict-json'
import { JwtError } from './jwt-error.ts'

/**
 * How far the clock of another node or of a wallet may differ from ours, either way: the same everywhere, so that no two checks of one
 * moment disagree. Nothing is forgiven at the end of a status list or of a trust chain, which others rely on to the second.
 */
export const CLOCK_SKEW_SECONDS = 30

/** What the receiver demands of the registered claims. Times in seconds. */
export type ClaimsPolicy = {
  readonly issuer: string | 'not-used'
  /** The receiver's one identifier. */
  readonly audience: string | 'not-used'
  /** How long after its `iat` a token is taken; `iat` is required then. */
  readonly maxAgeSeconds: number | 'not-used'
  readonly expiry: 'required' | 'optional' | 'not-used'
  /** `CLOCK_SKEW_SECONDS`, or the reason for another number beside it. */
  readonly clockSkewSeconds: number
  readonly now: Date
}

/**
 * Compares the registered claims with the policy. In: the claims. Throws `JwtError`: a list of audiences is refused,
 * since a token for several receivers can be passed on by each of them. RFC7519#section-4.1, RFC8725#section-3.9
 */
export function checkClaims(payload: JsonObject, policy: ClaimsPolicy): void {
  if (policy.issuer !== 'not-used') assertSame(payload, 'iss', policy.issuer, 'wrong_issuer')
  if (policy.audience !== 'not-used') assertSame(payload, 'aud', policy.audience, 'wrong_audience')
  const now = policy.now.getTime() / 1000
  const skew = policy.clockSkewSeconds
  const notBefore = readTime(payload, 'nbf')
  if (notBefore !== undefined && now + skew < notBefore) throw new JwtError('not_yet_valid')
  if (policy.expiry !== 'not-used') checkExpiry(readTime(payload, 'exp'), policy.expiry, now - skew)
  if (policy.maxAgeSeconds !== 'not-used') checkAge(readTime(payload, 'iat'), now, policy.maxAgeSeconds, skew)
}

function assertSame(
  payload: JsonObject,
  claim: 'iss' | 'aud',
  expected: string,
  code: 'wrong_issuer' | 'wrong_audience',
): void {
  if (payload[claim] === undefined) throw new JwtError('missing_claim')
  if (payload[claim] !== expected) throw new JwtError(code)
}

/** RFC7519#section-2: a NumericDate is a number of seconds. */
function readTime(payload: JsonObject, claim: 'iat' | 'nbf' | 'exp'): number | undefined {
  const value = payload[claim]
  if (value === undefined || typeof value === 'number') return value
  throw new JwtError('malformed')
}

function checkExpiry(exp: number | undefined, expiry: 'required' | 'optional', earliest: number): void {
  if (exp === undefined) {
    if (expiry === 'required') throw new JwtError('missing_claim')
    return
  }
  // RFC7519#section-4.1.4: on or after the expiry is too late.
  if (earliest >= exp) throw new JwtError('expired')
}

function checkAge(iat: number | undefined, now: number, maxAge: number, skew: number): void {
  if (iat === undefined) throw new JwtError('missing_claim')
  if (iat > now + skew) throw new JwtError('not_yet_valid')
  if (iat < now - maxAge - skew) throw new JwtError('too_old')
}
