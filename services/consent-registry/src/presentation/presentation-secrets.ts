import { createECDH } from 'node:crypto'
import { type PrivateJwk, thumbprint } from '@samen/jwt-profile'
import type { Keyring } from '@samen/sealing'

type Mac = Pick<Keyring, 'mac'>

const SALT_BYTES = 16
const SCALAR_BYTES = 32

/** What makes the nonce: 16 bytes as the salt of a decision. Like all here it follows from the id under the key outside the database. */
export function saltOf(keyring: Mac, id: string): Buffer {
  return derive(keyring, 'salt', id).subarray(0, SALT_BYTES)
}

/** The nonce where nothing is decided. */
export function nonceOf(keyring: Mac, id: string): string {
  return derive(keyring, 'nonce', id).toString('base64url')
}

/** VP#existing_parameters: what the wallet gives back, so that an answer belongs to its question. */
export function stateOf(keyring: Mac, id: string): string {
  return derive(keyring, 'state', id).subarray(0, SALT_BYTES).toString('base64url')
}

/** The cookie of the browser that began; who has only the link cannot make it. */
export function browserSecretFor(keyring: Mac, id: string): string {
  return derive(keyring, 'browser', id).toString('base64url')
}

/** The key to which this one answer is encrypted, VP#response_encryption: another one for each id. */
export function encryptionKeyOf(keyring: Mac, id: string): PrivateJwk & { kid: string } {
  const pair = createECDH('prime256v1')
  const scalar = setScalar(pair, keyring, id)
  const point = pair.getPublicKey()
  const xy = { x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') }
  return {
    kty: 'EC',
    crv: 'P-256',
    ...xy,
    d: scalar.toString('base64url'),
    kid: thumbprint(xy),
    use: 'enc',
    alg: 'ECDH-ES',
  }
}

/** One in four thousand million numbers is too large for the curve: then the next one is taken. */
function setScalar(pair: ReturnType<typeof createECDH>, keyring: Mac, id: string): Buffer {
  for (let attempt = 0; ; attempt += 1) {
    const scalar = derive(keyring, 'encryption', id, String(attempt)).subarray(0, SCALAR_BYTES)
    try {
      pair.setPrivateKey(scalar)
      return scalar
    } catch (cause) {
      if (attempt > 8) throw new Error('no key can be derived', { cause })
    }
  }
}

function derive(keyring: Mac, use: string, ...parts: string[]): Buffer {
  return keyring.mac('presentation', use, ...parts)
}
