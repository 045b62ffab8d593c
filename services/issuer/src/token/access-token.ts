import { timingSafeEqual } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'

const RANDOM_BYTES = 32
const MAC_BYTES = 16

/**
 * An opaque access token for the holder of the key `jkt`: random bytes and a short MAC over school, key and bytes. It says
 * nothing; the database knows its SHA-256 and what it is good for. VCI#token-response
 */
export function newAccessToken(
  deps: Pick<Deps, 'keyring' | 'random'>,
  school: Pick<School, 'slug'>,
  jkt: string,
): string {
  const secret = deps.random(RANDOM_BYTES)
  return Buffer.concat([secret, macOf(deps, school, jkt, secret)]).toString('base64url')
}

/**
 * Whether we made this token for this school and this key. Only the database knows whether it still lives; but whoever holds
 * no token of ours is refused here, before any signature of a proof is computed for them and before any query.
 */
export function isOurToken(
  deps: Pick<Deps, 'keyring'>,
  school: Pick<School, 'slug'>,
  jkt: string,
  token: string,
): boolean {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length !== RANDOM_BYTES + MAC_BYTES) return false
  const secret = bytes.subarray(0, RANDOM_BYTES)
  return timingSafeEqual(macOf(deps, school, jkt, secret), bytes.subarray(RANDOM_BYTES))
}

function macOf(deps: Pick<Deps, 'keyring'>, school: Pick<School, 'slug'>, jkt: string, secret: Buffer): Buffer {
  return deps.keyring.mac('issuer/access-token', school.slug, jkt, secret.toString('base64url')).subarray(0, MAC_BYTES)
}
