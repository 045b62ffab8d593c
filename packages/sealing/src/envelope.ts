import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { pooledRandom } from './pooled-random.ts'
import { SealingError } from './sealing-error.ts'

const VERSION = 1
const NONCE_LENGTH = 12
const TAG_LENGTH = 16
const HEAD_LENGTH = 1 + NONCE_LENGTH

/**
 * Seals bytes with AES-256-GCM. In: the key, the bytes, and the context that must be named again to open them. Out: one
 * version byte, a random nonce of 12 bytes, the ciphertext, the tag of 16. With random nonces one key is good for
 * 2^32 values (NIST SP 800-38D, 8.3).
 */
export function sealEnvelope(key: KeyObject, plaintext: Buffer | string, context: string): Buffer {
  const nonce = pooledRandom(NONCE_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH })
  cipher.setAAD(Buffer.from(context))
  const ciphertext = cipher.update(typeof plaintext === 'string' ? Buffer.from(plaintext) : plaintext)
  cipher.final()
  return Buffer.concat([Buffer.from([VERSION]), nonce, ciphertext, cipher.getAuthTag()])
}

/**
 * Opens what `sealEnvelope` made. Out: the bytes. Throws `SealingError` `unsealable` for another key, another context,
 * a changed or a shortened value: all alike.
 */
export function openEnvelope(key: KeyObject, sealed: Buffer, context: string): Buffer {
  if (sealed.length < HEAD_LENGTH + TAG_LENGTH || sealed[0] !== VERSION) throw new SealingError('unsealable')
  const nonce = sealed.subarray(1, HEAD_LENGTH)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_LENGTH })
  decipher.setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(-TAG_LENGTH))
  const plaintext = decipher.update(sealed.subarray(HEAD_LENGTH, -TAG_LENGTH))
  try {
    decipher.final()
  } catch (cause) {
    throw new SealingError('unsealable', { cause })
  }
  return plaintext
}
