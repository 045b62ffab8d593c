import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto'
import { JwtError } from './jwt-error.ts'
import { type PublicJwk, readPublicJwk, thumbprint } from './public-jwk.ts'

/** A public key with its private part `d`: base64url of 32 bytes. For sealed storage only. */
export type PrivateJwk = PublicJwk & { d: string }

/** A key that signs, with the certificate chain that vouches for it when there is one (base64 DER, leaf first). */
export type SigningKey = {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: PublicJwk
  readonly x5c?: readonly string[]
}

/** A fresh ES256 key. Out: the key, named by its RFC7638 thumbprint. RFC7638#section-3 */
export function generateSigningKey(): SigningKey {
  return importSigningKey(generatePrivateJwk())
}

/** The key as JSON for sealed storage. In: a signing key. Out: its private JWK with `kid`, `alg` and `use`. */
export function exportSigningKey(key: SigningKey): PrivateJwk {
  const { d } = key.privateKey.export({ format: 'jwk' })
  return { ...key.publicJwk, d: d as string }
}

/**
 * The key out of storage. In: a private JWK; its `kid` is kept, else the thumbprint names it. Out: the signing key.
 * Throws `JwtError` `invalid_key` when the parts do not belong together.
 */
export function importSigningKey(jwk: PrivateJwk): SigningKey {
  const { publicJwk, privateKey } = importPrivateJwk(jwk)
  const kid = publicJwk.kid ?? thumbprint(publicJwk)
  return { kid, privateKey, publicJwk: { ...publicJwk, kid, alg: 'ES256', use: 'sig' } }
}

/** A fresh key pair on P-256. Out: a private JWK without a name or a use. */
export function generatePrivateJwk(): PrivateJwk {
  const pair = createECDH('prime256v1')
  const point = pair.generateKeys()
  const scalar = pair.getPrivateKey()
  return {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    // The number comes without its leading zero bytes; RFC7518#section-6.2.2.1 wants all 32.
    d: Buffer.concat([Buffer.alloc(32 - scalar.length), scalar]).toString('base64url'),
  }
}

/** Takes a private JWK apart. Throws `JwtError` `invalid_key` when it is not a P-256 pair that belongs together. */
export function importPrivateJwk({ d, ...rest }: PrivateJwk): { publicJwk: PublicJwk; privateKey: KeyObject } {
  const publicJwk = readPublicJwk(rest)
  const { kty, crv, x, y } = publicJwk
  try {
    return { publicJwk, privateKey: createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' }) }
  } catch (cause) {
    throw new JwtError('invalid_key', { cause })
  }
}
