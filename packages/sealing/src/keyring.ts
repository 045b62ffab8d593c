import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { type DataKey, makeDataKey } from './data-key.ts'
import { openEnvelope, sealEnvelope } from './envelope.ts'
import { pooledRandom } from './pooled-random.ts'
import { createPrivateFile, hasCode, readPrivateFile } from './private-file.ts'
import { SealingError } from './sealing-error.ts'

const KEY_LENGTH = 32

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
  const root = readRootKey(file, options.create)
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

/** A missing key is made only where that was said: a new one would not open what the lost one sealed. */
function readRootKey(file: string, create: boolean): Buffer {
  try {
    return assertRootKey(readPrivateFile(file))
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
    if (!create) throw new SealingError('no_keyring', { cause: error })
  }
  createPrivateFile(file, pooledRandom(KEY_LENGTH))
  return assertRootKey(readPrivateFile(file))
}

function assertRootKey(bytes: Buffer | undefined): Buffer {
  if (bytes?.length !== KEY_LENGTH) throw new SealingError('unusable_keyring')
  return bytes
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
