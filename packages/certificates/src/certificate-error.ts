/** Why a certificate is refused. A closed list. */
export type CertificateErrorCode =
  | 'malformed'
  | 'no_certificate'
  | 'chain_too_long'
  | 'anchor_in_chain'
  | 'self_signed'
  | 'ca_as_leaf'
  | 'unknown_authority'
  | 'unsupported_algorithm'
  | 'wrong_usage'
  | 'wrong_name'
  | 'expired'
  | 'not_yet_valid'

/** The refusal of a certificate. It names the rule that was broken and never the certificate. */
export class CertificateError extends Error {
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, options: { readonly cause?: unknown } = {}) {
    super(`the certificate is refused: ${code}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'CertificateError'
    this.code = code
  }
}
