import type { JwtErrorCode } from '@samen/jwt-profile'

/** Why a status list, or a question to it, is refused. The codes of the token's JWT are taken over as they are. */
export type StatusListErrorCode =
  | JwtErrorCode
  | 'untrusted_key'
  | 'missing_certificate'
  | 'wrong_uri'
  | 'malformed_claim'
  | 'unsupported_bits'
  | 'malformed_list'
  | 'list_too_large'
  | 'too_many_lists'
  | 'index_out_of_range'
  | 'value_out_of_range'

/** The refusal of a status list. It names the rule that was broken and never the input. */
export class StatusListError extends Error {
  readonly code: StatusListErrorCode

  constructor(code: StatusListErrorCode, options: { cause?: unknown } = {}) {
    super(`the status list is refused: ${code}`, options)
    this.name = 'StatusListError'
    this.code = code
  }
}
