export type TrustErrorCode =
  | 'invalid_entity_id'
  | 'invalid_anchor'
  | 'invalid_statement'
  | 'invalid_chain'
  | 'invalid_trust_mark'
  | 'invalid_certificate'
  | 'not_a_member'
  | 'missing_trust_mark'
  | 'wrong_entity_type'
  | 'unreachable'
  | 'expired'

/**
 * No trust could be established. `code` is for our own decisions and logs; the message is a constant sentence that repeats
 * nothing of the input. What another party may read about it is the caller's choice.
 */
export class TrustError extends Error {
  override readonly name = 'TrustError'
  readonly code: TrustErrorCode

  constructor(code: TrustErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
