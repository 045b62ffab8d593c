/** Why a token or a key is refused. A closed list: callers map each code to the error of their own specification. */
export type JwtErrorCode =
  | 'too_large'
  | 'malformed'
  | 'unsupported_algorithm'
  | 'wrong_type'
  | 'forbidden_header'
  | 'invalid_key'
  | 'unknown_key'
  | 'missing_claim'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'too_old'
  | 'invalid_signature'
  | 'undecryptable'

/** The refusal of a JWT, a JWE or a JWK. It names the rule that was broken and never the input. */
export class JwtError extends Error {
  readonly code: JwtErrorCode

  constructor(code: JwtErrorCode, options: { readonly cause?: unknown } = {}) {
    super(`the token is refused: ${code}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'JwtError'
    this.code = code
  }
}
