import {
  CLOCK_SKEW_SECONDS,
  type DecodedJwt,
  JwtError,
  type PublicJwk,
  sha256Base64url,
  verifyDecodedJwt,
} from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { ParsedSdJwt } from './parse-sd-jwt.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** Of whom, for whom, for which transaction and how fresh the proof must be. Nothing of it comes from the presentation. */
export type KeyBindingPolicy = {
  /** `holderKey` of the verified credential. */
  readonly holderKey: PublicJwk
  /** The nonce of this transaction; that it is used once is the caller's to keep. */
  readonly nonce: string
  /** The verifier's full client id, with its prefix. VP#full-client-identifier */
  readonly audience: string
  readonly now: Date
  readonly maxAgeSeconds: number
}

/**
 * Verifies that the holder of the credential's key made this presentation, of exactly these disclosures, for this transaction.
 * SDJ#section-7.3
 *
 * In: the SD-JWT+KB and the policy. Out: the claims of the key binding JWT. Throws `SdJwtError`: `key_binding_missing` for a
 * presentation without one (the caller's policy demands it, never its presence), `key_binding_…` for its own faults,
 * `wrong_nonce`, `wrong_sd_hash`.
 */
export function verifyKeyBinding({ keyBindingJwt, boundText }: ParsedSdJwt, policy: KeyBindingPolicy): JsonObject {
  if (keyBindingJwt === undefined) throw new SdJwtError('key_binding_missing')
  const claims = verifyBindingJwt(keyBindingJwt, policy)
  if (claims['nonce'] !== policy.nonce) throw new SdJwtError('wrong_nonce')
  // SDJ#section-4.3.1: a disclosure added or taken away after the holder signed changes the hash.
  if (claims['sd_hash'] !== sha256Base64url(boundText)) throw new SdJwtError('wrong_sd_hash')
  return claims
}

function verifyBindingJwt(jwt: DecodedJwt, policy: KeyBindingPolicy): JsonObject {
  try {
    return verifyDecodedJwt(jwt, {
      typ: 'kb+jwt',
      key: { jwk: policy.holderKey },
      issuer: 'not-used',
      audience: policy.audience,
      maxAgeSeconds: policy.maxAgeSeconds,
      expiry: 'optional',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
    }).payload
  } catch (cause) {
    if (cause instanceof JwtError) throw new SdJwtError(`key_binding_${cause.code}`, { cause })
    throw cause
  }
}
