import { timingSafeEqual } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'

const RANDOM_BYTES = 32
const MAC_BYTES = 16

/** Under which `client_id` a wallet asked for its token; wallets need not give one. VCI#token-request */
export type ClientId = string | 'anonymous'

/**
 * An access token for the holder of the key `jkt`: random bytes, a short MAC over school, key and all the rest, and the name that the
 * wallet gave itself. It says nothing that its holder does not know; the database knows its SHA-256 and what it is good for, and
 * not which wallet it is. VCI#token-response
 */
export function newAccessToken(
  deps: Pick<Deps, 'keyring' | 'random'>,
  school: Pick<School, 'slug'>,
  jkt: string,
  clientId: ClientId,
): string {
  const secret = deps.random(RANDOM_BYTES)
  const client = Buffer.from(clientId === 'anonymous' ? '' : clientId, 'utf8')
  return Buffer.concat([secret, macOf(deps, school, jkt, secret, client), client]).toString('base64url')
}

/**
 * For whom we made this token; undefined when it is not one of ours for this school and this key. Only the database knows whether it
 * still lives; but whoever holds no token of ours is refused here, for the price of one verified signature (the DPoP proof, which says
 * which key it is), before the body is read, before any key proof and before any query.
 */
export function readOurToken(
  deps: Pick<Deps, 'keyring'>,
  school: Pick<School, 'slug'>,
  jkt: string,
  token: string,
): { readonly clientId: ClientId } | undefined {
  const bytes = Buffer.from(token, 'base64url')
  if (bytes.length < RANDOM_BYTES + MAC_BYTES) return undefined
  const secret = bytes.subarray(0, RANDOM_BYTES)
  const client = bytes.subarray(RANDOM_BYTES + MAC_BYTES)
  const mac = bytes.subarray(RANDOM_BYTES, RANDOM_BYTES + MAC_BYTES)
  if (!timingSafeEqual(macOf(deps, school, jkt, secret, client), mac)) return undefined
  return { clientId: client.toString('utf8') || 'anonymous' }
}

function macOf(
  deps: Pick<Deps, 'keyring'>,
  school: Pick<School, 'slug'>,
  jkt: string,
  secret: Buffer,
  client: Buffer,
): Buffer {
  const parts = [school.slug, jkt, secret.toString('base64url'), client.toString('base64url')]
  return deps.keyring.mac('issuer/access-token', ...parts).subarray(0, MAC_BYTES)
}
