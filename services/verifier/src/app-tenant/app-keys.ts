import { createHmac } from 'node:crypto'
import {
  type EncryptionKey,
  exportSigningKey,
  generateEncryptionKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
} from '@samen/jwt-profile'
import type { Keyring } from '@samen/sealing'
import type { AppKeys } from './app-tenant.ts'

type StoredKeys = { federation: PrivateJwk; signing: PrivateJwk; encryption: EncryptionKey; index: string }

/** Fresh keys for a new app. No key is ever shared with another app or made from a sample. */
export function generateAppKeys(random: (bytes: number) => Buffer): AppKeys {
  return {
    federation: generateSigningKey(),
    signing: generateSigningKey(),
    encryption: generateEncryptionKey(),
    index: random(32),
  }
}

/** The keys of an app as one sealed value, bound to its slug. */
export function sealAppKeys(keyring: Keyring, slug: string, keys: AppKeys): Buffer {
  const stored: StoredKeys = {
    federation: exportSigningKey(keys.federation),
    signing: exportSigningKey(keys.signing),
    encryption: keys.encryption,
    index: keys.index.toString('base64url'),
  }
  return keyring.seal(JSON.stringify(stored), contextOf(slug))
}

/** Opens what `sealAppKeys` made. Throws SealingError when the keyring is another one or the row another app's. */
export function openAppKeys(keyring: Keyring, slug: string, sealed: Buffer): AppKeys {
  const stored = JSON.parse(keyring.open(sealed, contextOf(slug)).toString('utf8')) as StoredKeys
  return {
    federation: importSigningKey(stored.federation),
    signing: importSigningKey(stored.signing),
    encryption: stored.encryption,
    index: Buffer.from(stored.index, 'base64url'),
  }
}

/** The app's own keyed fingerprint of a pseudonym: recognises it again, and says nothing to who reads the database. */
export function pseudonymTag(keys: AppKeys, pseudonym: string): Buffer {
  return createHmac('sha256', keys.index).update(pseudonym, 'utf8').digest()
}

function contextOf(slug: string): string {
  return `verifier/app-keys/${slug}`
}
