import { invalidToken } from './dpop-refusal.ts'

/** `DPoP`, one space, and the characters a token may have. DPOP#section-7.1 */
const AUTHORIZATION = /^DPoP ([A-Za-z0-9\-._~+/]{1,1024}=*)$/i

/**
 * Reads the access token of a request. In: the `Authorization` header; a request without one is answered with `DPOP_CHALLENGE` and no
 * error, since there is nothing to refuse (RFC6750#section-3). Out: the token. Throws `ProtocolError` 401 `invalid_token` with a
 * challenge: also for a token sent as Bearer, since without its key it is a stolen one. DPOP#section-7.2
 */
export function readDpopToken(authorization: string): string {
  const token = AUTHORIZATION.exec(authorization)?.[1]
  if (token === undefined) throw invalidToken()
  return token
}
