import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { type DataKey, makeDataKey } from './data-key.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { KEY_LENGTH, readKeyringFile } from './keyring-file.ts'
import { pooledRandom } from './pooled-random.ts'

/** The key outside the database, and all that is done with it. A dump without its file shows nothing. */
export type Keyring = {
  /** Seals bytes or text under a context, for example `issuer/pupil/<id>`; only the same context opens them. */
  seal(plaintext: Buffer | string, context: string): Buffer
  /** Opens what `seal` made. Throws `SealingError` `unsealable`. */
  open(sealed: Buffer, context: string): Buffer
  /** A fresh key for the data of one person, with its wrapped form to store. */
  newDataKey(context: string): { wrapped: Buffer; dataKey: DataKey }
  /** The key out of its wrapped form. Throws `SealingError` `unsealable`. */
  unwrap(wrapped: Buffer, context: string): DataKey
  /** A keyed fingerprint, 32 bytes: for short codes and for tags that nobody without the key can recompute. */
  mac(purpose: string, ...parts: string[]): Buffer
}

/**
 * Opens the keyring of a service. In: its file, and whether a missing one may be made, which only a first start may say.
 * Out: the keyring. Throws `SealingError` `no_keyring` or `unusable_keyring`.
 */
export function openKeyring(file: string, options: { readonly create: boolean }): Keyring {
  const root = readKeyringFile(file, options.create)
  // One key per use, so that a value made for one can never be taken for another.
  const sealKey = deriveKey(root, 'samen/seal')
  const wrapKey = deriveKey(root, 'samen/wrap')
  const macKey = deriveKey(root, 'samen/mac')
  root.fill(0)
  return {
    seal: (plaintext, context) => sealEnvelope(sealKey, plaintext, context),
    open: (sealed, context) => openEnvelope(sealKey, sealed, context),
    newDataKey(context) {
      const bytes = pooledRandom(KEY_LENGTH)
      return { wrapped: sealEnvelope(wrapKey, bytes, context), dataKey: makeDataKey(bytes) }
    },
    unwrap: (wrapped, context) => makeDataKey(openEnvelope(wrapKey, wrapped, context)),
    mac: (purpose, ...parts) => macParts(macKey, [purpose, ...parts]),
  }
}

function deriveKey(root: Buffer, use: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', root, '', use, KEY_LENGTH)))
}

/** Each part goes in with its length before it: ('ab', 'c') and ('a', 'bc') must never give one fingerprint. */
function macParts(key: KeyObject, parts: readonly string[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    mac.update(length).update(bytes)
  }
  return mac.digest()
}
