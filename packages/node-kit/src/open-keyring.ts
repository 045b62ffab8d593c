import type { Db } from '@samen/pg-kit'
import { type Keyring, openKeyring } from '@samen/sealing'
import { readKeyringMac, rememberKeyringMac } from './keyring-check.sql.ts'

/**
 * Opens the key outside the database, and makes it at the very first start: when the database has never seen one. A file that was lost or
 * exchanged is noticed here, since a new one would open nothing that is stored. `service` names what the check is made of.
 * Throws Error or SealingError with one sentence.
 */
export async function openKnownKeyring(db: Db, file: string, service: string): Promise<Keyring> {
  const remembered = await readKeyringMac(db)
  const keyring = openKeyring(file, { create: remembered === undefined })
  const mac = keyring.mac(`${service}/keyring-check`)
  const first = remembered ?? (await rememberKeyringMac(db, mac))
  if (!first.equals(mac)) throw new Error('the keyring is not the one with which this database was sealed')
  return keyring
}
