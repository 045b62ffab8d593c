import { type SigningKey, signJwt } from '@samen/jwt-profile'
import type { StatusSize } from './status-bits.ts'
import { StatusListError } from './status-list-error.ts'

/** A list to be published. */
export type StatusListOrder = {
  /** With its certificate chain, which names the entity at whose address the list lies. */
  readonly key: SigningKey
  /** The address that stands in the credentials; never taken from a request. */
  readonly uri: string
  readonly bits: StatusSize
  readonly issuedAt: Date
  /** Nobody may rely on the list from then on. */
  readonly expiresAt: Date
  /** How soon a reader should ask again. */
  readonly ttlSeconds: number
  /** From `compressStatusList`. */
  readonly compressed: Buffer
}

/**
 * Signs a list. TSL#status-list-token-jwt
 *
 * In: the order. Out: the compact JWS, to be served as `application/statuslist+jwt`. Times are cut to whole seconds, `exp` and `iat`
 * alike. Throws `StatusListError` `missing_certificate`, and `malformed_claim` when the list would be dead at once or name no time to live.
 */
export function signStatusListToken(order: StatusListOrder): string {
  const { key, uri, bits, compressed, ttlSeconds } = order
  if (key.x5c === undefined) throw new StatusListError('missing_certificate')
  const iat = Math.floor(order.issuedAt.getTime() / 1000)
  const exp = Math.floor(order.expiresAt.getTime() / 1000)
  if (!(exp > iat) || !(ttlSeconds > 0)) throw new StatusListError('malformed_claim')
  const claims = { sub: uri, iat, exp, ttl: ttlSeconds, status_list: { bits, lst: compressed.toString('base64url') } }
  return signJwt(key, { typ: 'statuslist+jwt', x5c: key.x5c }, claims)
}
