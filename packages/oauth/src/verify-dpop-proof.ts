import { CLOCK_SKEW_SECONDS, sha256Base64url, thumbprint, verifyJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { invalidProof, invalidProofOfToken } from './dpop-refusal.ts'

/** What the receiver demands of a proof. */
export type DpopPolicy = {
  /** The method of the request. */
  readonly htm: string
  /** The public URL of the endpoint, from configuration: behind a proxy the Host header proves nothing. */
  readonly htu: string
  /** The access token that came along; `not-used` only where there is none yet, at the token endpoint. */
  readonly accessToken: string | 'not-used'
  readonly now: Date
  readonly maxAgeSeconds: number
}

/** What a proof proves. The receiver remembers `jti` until `usableUntil` (seconds since 1970) and refuses it again. */
export type ProvenDpop = {
  readonly jkt: string
  readonly jti: string
  readonly iat: number
  readonly usableUntil: number
}

const MAX_PROOF_BYTES = 4096
const MAX_JTI_LENGTH = 256

/**
 * Verifies the proof that the sender of a request holds the key its token is bound to.
 *
 * In: the values of the `DPoP` header and the policy. Out: the key's thumbprint and the id of the proof, whose single use
 * is the caller's to enforce. Throws `ProtocolError` `invalid_dpop_proof`: 400 at the token endpoint, 401 with a
 * challenge where an access token came along. DPOP#section-4.3
 */
export function verifyDpopProof(headerValues: string | readonly string[] | undefined, policy: DpopPolicy): ProvenDpop {
  try {
    return checkProof(singleHeader(headerValues), policy)
  } catch (cause) {
    throw policy.accessToken === 'not-used' ? invalidProof(cause) : invalidProofOfToken(cause)
  }
}

function singleHeader(values: string | readonly string[] | undefined): string {
  const [value, ...others] = typeof values === 'string' ? [values] : (values ?? [])
  if (value === undefined || others.length > 0) throw new Error('there must be exactly one DPoP header')
  return value
}

function checkProof(proof: string, policy: DpopPolicy): ProvenDpop {
  const { payload, jwk } = verifyJwt(proof, {
    typ: 'dpop+jwt',
    key: 'embedded-jwk',
    issuer: 'not-used',
    audience: 'not-used',
    maxAgeSeconds: policy.maxAgeSeconds,
    expiry: 'optional',
    clockSkewSeconds: CLOCK_SKEW_SECONDS,
    now: policy.now,
    maxBytes: MAX_PROOF_BYTES,
  })
  checkRequest(payload, policy)
  const { jti, iat } = readIdentity(payload)
  return { jkt: thumbprint(jwk), jti, iat, usableUntil: iat + policy.maxAgeSeconds + CLOCK_SKEW_SECONDS }
}

function checkRequest({ htm, htu, ath }: JsonObject, policy: DpopPolicy): void {
  if (htm !== policy.htm) throw new Error('the proof is for another method')
  if (typeof htu !== 'string' || comparableUrl(htu) !== comparableUrl(policy.htu)) {
    throw new Error('the proof is for another URL')
  }
  // DPOP#section-7: without the hash, a proof would serve for every token of the same key.
  if (policy.accessToken !== 'not-used' && ath !== sha256Base64url(policy.accessToken)) {
    throw new Error('the proof is for another token')
  }
}

/** Normalised as RFC 3986 section 6.2 describes, and without query and fragment. DPOP#section-4.3 */
function comparableUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new Error('the proof has no usable URL')
  }
  return `${url.protocol}//${url.host}${url.pathname.replace(/%[0-9a-f]{2}/gi, normalEscape)}`
}

/** `%7e` and `~` are one character of a path, while `%2F` and `/` are two. */
function normalEscape(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escaped.toUpperCase()
}

function readIdentity({ jti, iat }: JsonObject): { jti: string; iat: number } {
  if (typeof jti !== 'string' || jti.length === 0 || jti.length > MAX_JTI_LENGTH || typeof iat !== 'number') {
    throw new Error('the proof has no usable identity')
  }
  return { jti, iat }
}
