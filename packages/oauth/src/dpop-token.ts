import { ProtocolError } from '@samen/errors'
import { DPOP_CHALLENGE, invalidToken } from './dpop-refusal.ts'

/** `DPoP`, one space, and the characters a token may have. DPOP#section-7.1 */
const AUTHORIZATION = /^DPoP ([A-Za-z0-9\-._~+/]{1,1024}=*)$/i

/**
 * Reads the access token of a request. In: the `Authorization` header. Out: the token. Throws `ProtocolError` 401
 * `invalid_token` with a challenge: also for a token sent as Bearer, since without its key it is a stolen one.
 * DPOP#section-7.2
 */
export function readDpopToken(authorization: string | undefined): string {
  if (authorization === undefined) {
    // DPOP#section-7.1: a request without credentials learns how to ask, and no error code in the challenge.
    throw new ProtocolError(401, 'invalid_token', 'an access token is needed here', {
      headers: { 'www-authenticate': DPOP_CHALLENGE },
    })
  }
  const token = AUTHORIZATION.exec(authorization)?.[1]
  if (token === undefined) throw invalidToken()
  return token
}
