import { ProtocolError } from '@samen/errors'

/** What every challenge for a DPoP-bound token says: the algorithms of the profile. DPOP#section-7.1 */
export const DPOP_CHALLENGE = 'DPoP algs="ES256"'

/** The refusal of a proof where no token is used: at the token endpoint. DPOP#section-5 */
export function invalidProof(cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'invalid_dpop_proof', PROOF_SENTENCE, { cause })
}

/** The refusal of a proof that comes with an access token. DPOP#section-7.1 */
export function invalidProofOfToken(cause?: unknown): ProtocolError {
  return refuseToken('invalid_dpop_proof', PROOF_SENTENCE, cause)
}

/** The refusal of the access token itself: one answer for missing, unknown, expired and stolen ones. DPOP#section-7.1 */
export function invalidToken(cause?: unknown): ProtocolError {
  return refuseToken('invalid_token', 'the access token is not valid here', cause)
}

const PROOF_SENTENCE = 'the DPoP proof is not valid'

function refuseToken(code: 'invalid_dpop_proof' | 'invalid_token', description: string, cause: unknown): ProtocolError {
  const challenge = `${DPOP_CHALLENGE}, error="${code}", error_description="${description}"`
  return new ProtocolError(401, code, description, { cause, headers: { 'www-authenticate': challenge } })
}
