import type { Membership } from '@samen/federation'
import { x509HashClientId } from '@samen/openid4vp'
import type { Deps } from '../deps.ts'
import { insertCertificate, readCertificate } from './request-certificate.sql.ts'

/** The name by which a wallet knows us, and the chain that it is the hash of. */
export type RequestCertificate = { readonly clientId: string; readonly x5c: readonly string[] }

const MARK_BYTES = 8

/** The one under which wallets are asked now. Throws ProtocolError 503 before this registry is certified. */
export function currentCertificate(deps: Pick<Deps, 'keys' | 'membership'>): RequestCertificate {
  const { x5c } = deps.membership.certified(deps.keys.request)
  return { clientId: x509HashClientId(x5c), x5c }
}

/** How a link names a certificate: the beginning of the hash that is the client id. */
export function certificateMark({ clientId }: RequestCertificate): Buffer {
  return Buffer.from(clientId.slice(clientId.indexOf(':') + 1), 'base64url').subarray(0, MARK_BYTES)
}

/**
 * The certificate under which a wallet was sent here: a link names it in its client id, and another process may have begun, or it was
 * renewed since. Undefined when it is none of ours. Throws as `currentCertificate`.
 */
export async function findCertificate(
  deps: Pick<Deps, 'db' | 'keys' | 'membership'>,
  mark: Buffer,
): Promise<RequestCertificate | undefined> {
  const current = currentCertificate(deps)
  if (certificateMark(current).equals(mark)) return current
  const x5c = await readCertificate(deps.db, mark)
  return x5c && { clientId: x509HashClientId(x5c), x5c }
}

/** Keeps the certificate of a membership before it is used, for the other processes. */
export async function keepCertificate(
  { db, keys }: Pick<Deps, 'db' | 'keys'>,
  { certificates }: Membership,
): Promise<void> {
  const x5c = certificates.get(keys.request.kid)
  if (x5c === undefined) return
  await insertCertificate(db, certificateMark({ clientId: x509HashClientId(x5c), x5c }), x5c)
}
