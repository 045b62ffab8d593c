import type { PublicJwk } from './public-jwk.ts'
import { thumbprint } from './public-jwk.ts'
import { generatePrivateJwk, type PrivateJwk } from './signing-key.ts'

/** A key that others encrypt to. The public part is published, the private part is sealed. */
export type EncryptionKey = {
  readonly kid: string
  readonly privateJwk: PrivateJwk & { kid: string }
  readonly publicJwk: PublicJwk & { kid: string }
}

/** A fresh ECDH-ES key, named by its thumbprint. Out: both parts, marked for encryption only. VP#response_encryption */
export function generateEncryptionKey(): EncryptionKey {
  const { d, ...point } = generatePrivateJwk()
  const kid = thumbprint(point)
  const publicJwk = { ...point, kid, alg: 'ECDH-ES', use: 'enc' }
  return { kid, publicJwk, privateJwk: { ...publicJwk, d } }
}
