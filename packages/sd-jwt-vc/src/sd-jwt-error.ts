import type { JwtErrorCode } from '@samen/jwt-profile'

/** Faults of the credential's own form and of its disclosures. */
export type SdJwtFault =
  | 'not_an_sd_jwt'
  | 'json_serialization'
  | 'too_many_disclosures'
  | 'too_deep'
  | 'unknown_hash_algorithm'
  | 'malformed_digest'
  | 'malformed_disclosure'
  | 'duplicate_digest'
  | 'duplicate_disclosure'
  | 'unreferenced_disclosure'
  | 'reserved_claim_name'
  | 'protected_claim'
  | 'claim_already_present'
  | 'untrusted_issuer'
  | 'issuer_mismatch'
  | 'malformed_claim'
  | 'wrong_nonce'
  | 'wrong_sd_hash'
  | 'unknown_claim'
  | 'missing_certificate'

/** The codes of the issuer's JWT as they are, those of the key binding JWT with a prefix. */
export type SdJwtErrorCode = SdJwtFault | JwtErrorCode | `key_binding_${JwtErrorCode}` | 'key_binding_missing'

/** The refusal of a credential or presentation. It names the rule that was broken and never the input. */
export class SdJwtError extends Error {
  readonly code: SdJwtErrorCode

  constructor(code: SdJwtErrorCode, options: { cause?: unknown } = {}) {
    super(`the credential is refused: ${code}`, options)
    this.name = 'SdJwtError'
    this.code = code
  }
}
