import { hash } from 'node:crypto'
import { pooledRandom } from './pooled-random.ts'

/**
 * What is stored of a long random secret. In: a code, token, key or cookie of at least 128 random bits. Out: its
 * SHA-256, 32 bytes: useless to whoever reads the database. Short codes need `Keyring.mac` instead.
 */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** A fresh secret. In: how many random bytes, 32 unless told. Out: base64url. */
export function newSecret(bytes = 32): string {
  return pooledRandom(bytes).toString('base64url')
}
