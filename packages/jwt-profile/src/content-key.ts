import { diffieHellman, type KeyObject } from 'node:crypto'
import type { ContentEncryption } from './encrypt-jwe.ts'
import { sha256 } from './hash.ts'

/** Both sides of an agreement, and what the key is bound to besides. `apu` and `apv` are bytes, empty when absent. */
export type Agreement = {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly enc: ContentEncryption
  readonly apu: Buffer
  readonly apv: Buffer
}

/**
 * Agrees on the content key of a message: ECDH, then one round of the Concat KDF, enough for up to 256 bits.
 * In: the agreement. Out: 16 bytes for A128GCM, 32 for A256GCM. RFC7518#section-4.6.2
 */
export function deriveContentKey({ privateKey, publicKey, enc, apu, apv }: Agreement): Buffer {
  const secret = diffieHellman({ privateKey, publicKey })
  const bits = enc === 'A128GCM' ? 128 : 256
  const parts = [uint32(1), secret, withLength(Buffer.from(enc)), withLength(apu), withLength(apv), uint32(bits)]
  return sha256(Buffer.concat(parts)).subarray(0, bits / 8)
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([uint32(bytes.length), bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
