import type { EncryptionKey } from '@samen/jwt-profile'
import type { Keyring } from '@samen/sealing'

/** What only the wallet and this node may know of a request, thrown away as soon as an answer has come. */
export interface RequestSecrets {
  /** the id in the wallet's URLs */
  readonly requestId: string
  readonly nonce: string
  readonly state: string
  /** the answer is encrypted to it; fresh for this request (HAIP#openid-for-verifiable-presentations) */
  readonly key: EncryptionKey
}

/** The secrets of a request, sealed for its row. */
export function sealSecrets(keyring: Keyring, tenant: string, id: string, secrets: RequestSecrets): Buffer {
  return keyring.seal(JSON.stringify(secrets), contextOf(tenant, id))
}

/** Throws SealingError when the row is another request's. */
export function openSecrets(keyring: Keyring, tenant: string, id: string, sealed: Buffer): RequestSecrets {
  return JSON.parse(keyring.open(sealed, contextOf(tenant, id)).toString('utf8')) as RequestSecrets
}

function contextOf(tenant: string, id: string): string {
  return `verifier/request/${tenant}/${id}`
}
