import { type CertificateAuthority, createCertificateAuthority } from '@samen/certificates'
import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from '@samen/jwt-profile'
import type { Db } from '@samen/pg-kit'
import { type Keyring, openKeyring } from '@samen/sealing'
import { keepAnchorKeys, readAnchorKeys, readKeyringMac, rememberKeyringMac } from './anchor.sql.ts'

/** The two keys of a federation: one signs statements and marks, the other certificates. */
export interface AnchorKeys {
  readonly federation: SigningKey
  readonly authority: CertificateAuthority
}

interface StoredKeys {
  readonly federation: PrivateJwk
  readonly authority: CertificateAuthority
}

const CONTEXT = 'trust-anchor/keys'
const AUTHORITY_YEARS = 10

/**
 * Opens the anchor's keys, or makes them at the very first start. A keyring that was lost or exchanged is noticed here: every
 * member pins these keys, so a new anchor must never come up under the old name. Throws Error or SealingError with one sentence.
 */
export async function openAnchorKeys(
  { db, now }: { db: Db; now: () => Date },
  { keyringFile, name }: { keyringFile: string; name: string },
): Promise<AnchorKeys> {
  const keyring = await openKnownKeyring(db, keyringFile)
  const sealed = (await readAnchorKeys(db)) ?? (await keepAnchorKeys(db, await makeKeys(keyring, name, now())))
  const stored: StoredKeys = JSON.parse(keyring.open(sealed, CONTEXT).toString('utf8'))
  return { federation: importSigningKey(stored.federation), authority: stored.authority }
}

async function openKnownKeyring(db: Db, file: string): Promise<Keyring> {
  const remembered = await readKeyringMac(db)
  const keyring = openKeyring(file, { create: remembered === undefined })
  const mac = keyring.mac('trust-anchor/keyring-check')
  const first = remembered ?? (await rememberKeyringMac(db, mac))
  if (!first.equals(mac)) throw new Error('the keyring is not the one with which this database was sealed')
  return keyring
}

async function makeKeys(keyring: Keyring, name: string, now: Date): Promise<Buffer> {
  const authority = await createCertificateAuthority({ name: `Samen federation ${name}`, now, years: AUTHORITY_YEARS })
  const keys: StoredKeys = { federation: exportSigningKey(generateSigningKey()), authority }
  return keyring.seal(JSON.stringify(keys), CONTEXT)
}
