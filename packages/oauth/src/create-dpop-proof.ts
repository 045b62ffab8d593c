import { type SigningKey, sha256Base64url, signJwt } from '@samen/jwt-profile'

/** The request a proof is for, and what makes the proof unique. */
export type DpopProofRequest = {
  readonly htm: string
  readonly htu: string
  readonly accessToken: string | 'not-used'
  /** At least 96 random bits, new for every proof. */
  readonly jti: string
  readonly now: Date
}

/**
 * Makes the proof that goes into the `DPoP` header. In: the holder's key and the request. Out: the compact form.
 * DPOP#section-4.2
 */
export function createDpopProof(key: SigningKey, { htm, htu, accessToken, jti, now }: DpopProofRequest): string {
  const { kty, crv, x, y } = key.publicJwk
  const iat = Math.floor(now.getTime() / 1000)
  const bound = accessToken === 'not-used' ? {} : { ath: sha256Base64url(accessToken) }
  return signJwt(key, { typ: 'dpop+jwt', jwk: { kty, crv, x, y } }, { jti, htm, htu, iat, ...bound })
}
