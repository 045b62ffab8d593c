import { type CertificateAuthority, createCertificateAuthority } from '@samen/certificates'
import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from '@samen/jwt-profile'
import type { Db } from '@samen/pg-kit'
import type { Keyring } from '@samen/sealing'
import { keepAnchorKeys, readAnchorKeys } from './anchor.sql.ts'
import { anotherAnchor } from './publish-trust-anchor.ts'

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
 * Opens the anchor's keys, or makes them at the very first start: while nothing is `published`. Every member pins these keys, so a new
 * anchor must never come up under the old name: without the keyring that sealed them, or without the database that held them, it does not
 * start. Throws SealingError, or Error with what to do.
 */
export async function openAnchorKeys(
  { db, keyring, now }: { db: Db; keyring: Keyring; now: () => Date },
  { name, published }: { name: string; published: string | undefined },
): Promise<AnchorKeys> {
  const kept = await readAnchorKeys(db)
  if (kept === undefined && published !== undefined) throw anotherAnchor()
  const sealed = kept ?? (await keepAnchorKeys(db, await makeKeys(keyring, name, now())))
  const stored: StoredKeys = JSON.parse(keyring.open(sealed, CONTEXT).toString('utf8'))
  return { federation: importSigningKey(stored.federation), authority: stored.authority }
}

async function makeKeys(keyring: Keyring, name: string, now: Date): Promise<Buffer> {
  const authority = await createCertificateAuthority({ name: `Samen federation ${name}`, now, years: AUTHORITY_YEARS })
  const keys: StoredKeys = { federation: exportSigningKey(generateSigningKey()), authority }
  return keyring.seal(JSON.stringify(keys), CONTEXT)
}
