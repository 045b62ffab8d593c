import { ProtocolError } from '@samen/errors'

export const PRE_AUTHORIZED_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** A wallet's request to exchange the code of an offer for an access token. */
export type PreAuthorizedTokenRequest = { readonly code: string; readonly txCode: string | undefined }

const MAX_CODE_LENGTH = 512
const MAX_TX_CODE_LENGTH = 64

/**
 * Reads a token request. In: the parsed form, whose parameters occur once (RFC6749#section-3.2). Out: the code and the
 * transaction code, if one was sent. Throws `ProtocolError` 400 `invalid_request` or `unsupported_grant_type`. Unknown
 * parameters are ignored; one without a value is as good as none. RFC6749#section-5.2, VCI#token-request
 */
export function readTokenRequest(form: Readonly<Record<string, string>>): PreAuthorizedTokenRequest {
  const grantType = readParameter(form, 'grant_type', MAX_CODE_LENGTH)
  if (grantType === undefined) throw invalidRequest('the request has no grant_type')
  if (grantType !== PRE_AUTHORIZED_CODE_GRANT) {
    throw new ProtocolError(400, 'unsupported_grant_type', 'only the pre-authorized code grant is supported')
  }
  const code = readParameter(form, 'pre-authorized_code', MAX_CODE_LENGTH)
  if (code === undefined) throw invalidRequest('the request has no pre-authorized_code')
  return { code, txCode: readParameter(form, 'tx_code', MAX_TX_CODE_LENGTH) }
}

/**
 * Refuses a request with a transaction code where the offer has none, and without one where it has. In: the request, and
 * whether the offer has one. Throws `ProtocolError` 400 `invalid_request`. VCI#token-error-response
 */
export function assertTxCodeUse(request: PreAuthorizedTokenRequest, expected: boolean): void {
  if (expected && request.txCode === undefined) throw invalidRequest('the offer needs a tx_code')
  if (!expected && request.txCode !== undefined) throw invalidRequest('the offer has no tx_code')
}

function readParameter(form: Readonly<Record<string, string>>, name: string, maxLength: number): string | undefined {
  const value: unknown = Object.hasOwn(form, name) ? form[name] : undefined
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string' || value.length > maxLength || !/^[\x20-\x7e]+$/.test(value)) {
    throw invalidRequest('the request has a parameter that is not readable')
  }
  return value
}

function invalidRequest(description: string): ProtocolError {
  return new ProtocolError(400, 'invalid_request', description)
}
