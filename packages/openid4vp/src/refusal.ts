import { ProtocolError } from '@samen/errors'

export type PresentationErrorCode =
  | 'response_malformed'
  | 'response_not_encrypted'
  | 'response_unreadable'
  | 'vp_token_malformed'
  | 'vp_token_unasked'
  | 'nonce_mismatch'
  | 'presentation_malformed'
  | 'issuer_untrusted'
  | 'credential_invalid'
  | 'holder_binding_invalid'
  | 'query_not_met'
  | 'claims_surplus'
  | 'status_missing'
  | 'status_not_valid'
  | 'query_unsatisfied'
  | 'wallet_metadata_malformed'
  | 'wallet_metadata_unsupported'

/** Why a response was refused, for audit and tests. It travels as the `cause` of a ProtocolError and never to the wallet. */
export class PresentationError extends Error {
  readonly code: PresentationErrorCode
  constructor(code: PresentationErrorCode, options?: { cause?: unknown }) {
    super(code, options)
    this.name = 'PresentationError'
    this.code = code
  }
}

/**
 * The one answer to a response that is not accepted: a wallet that probes learns nothing about which check it failed.
 * 4xx and not a redirect, VP#response_mode_post.
 */
export function refusal(code: PresentationErrorCode, cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the response does not verify', {
    cause: new PresentationError(code, { cause }),
  })
}
