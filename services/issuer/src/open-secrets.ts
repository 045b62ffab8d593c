import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Db } from '@samen/pg-kit'
import { hashSecret, type Keyring, newSecret, openKeyring } from '@samen/sealing'
import { readKeyringMac, rememberKeyringMac } from './health/health.sql.ts'

/**
 * Opens the two secrets outside the database, and makes them at the very first start: when the database has never seen a
 * keyring. A key file that was lost or exchanged is noticed here, since a new one would open nothing that is stored.
 * Throws Error with one sentence.
 */
export async function openSecrets(
  db: Db,
  files: { keyring: string; operatorKey: string },
): Promise<{ keyring: Keyring; operatorKeyHash: Buffer }> {
  const remembered = await readKeyringMac(db)
  const keyring = openKeyring(files.keyring, { create: remembered === undefined })
  const mac = keyring.mac('issuer/keyring-check')
  const first = remembered ?? (await rememberKeyringMac(db, mac))
  if (!first.equals(mac)) throw new Error('the keyring is not the one with which this database was sealed')
  return { keyring, operatorKeyHash: hashSecret(readOperatorKey(files.operatorKey)) }
}

function readOperatorKey(file: string): string {
  try {
    return readPrivateFile(file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    createOperatorKey(file)
    return readPrivateFile(file)
  }
}

function readPrivateFile(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) throw new Error('the operator key can be read by others')
  const key = readFileSync(file, 'utf8').trim()
  if (key.length < 32) throw new Error('the operator key is too short')
  return key
}

/** Written aside and linked into place: of two processes that start together one key wins, and never half a key. */
function createOperatorKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${newSecret(8)}`
  try {
    writeFileSync(draft, `${newSecret()}\n`, { mode: 0o600, flush: true })
    linkSync(draft, file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
