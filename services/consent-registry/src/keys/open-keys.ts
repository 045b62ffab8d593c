import {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type PrivateJwk,
  type SigningKey,
} from '@samen/jwt-profile'
import type { Db } from '@samen/pg-kit'
import type { Keyring } from '@samen/sealing'
import { exportLogKey, generateLogKey, importLogKey, type LogKey } from '@samen/transparency-log'
import { readSealedKeys, type SealedKey, storeSealedKey } from './keys.sql.ts'

/** The registry's own keys. Each signs one kind of thing, so that none can be tricked into signing another. */
export type NodeKeys = {
  /** entity configuration and messages to other nodes */
  readonly federation: SigningKey
  /** presentation requests; its certificate is pulled from the anchor */
  readonly request: SigningKey
  /** consent lists; its certificate is pulled from the anchor */
  readonly list: SigningKey
  /** checkpoints of the transparency log (Ed25519) */
  readonly log: LogKey
}

type KeyName = keyof NodeKeys

/**
 * Opens the sealed keys, making those that are missing (first start). `publicUrl` names the log. Throws Error with one sentence
 * when the keyring is not the one that sealed them: there is no fallback key.
 */
export async function openKeys(deps: {
  db: Db
  keyring: Keyring
  now: () => Date
  publicUrl: string
}): Promise<NodeKeys> {
  const present = new Set((await readSealedKeys(deps.db)).map(({ name }) => name))
  const fresh = Object.entries(freshKeys(deps.publicUrl)).filter(([name]) => !present.has(name))
  for (const [name, make] of fresh) {
    await storeSealedKey(deps.db, { name, sealed: deps.keyring.seal(make(), context(name)) }, deps.now())
  }
  const sealed = await readSealedKeys(deps.db)
  const text = (name: KeyName) => openKey(deps.keyring, sealed, name)
  const signing = (name: KeyName) => importSigningKey(JSON.parse(text(name)) as PrivateJwk)
  return {
    federation: signing('federation'),
    request: signing('request'),
    list: signing('list'),
    log: importLogKey(text('log')),
  }
}

/** The name of the log, as its checkpoints carry it: its address without the scheme (TLOG#note-text). */
export function logName(publicUrl: string): string {
  return `${publicUrl.replace(/^https?:\/\//, '')}/log`
}

function freshKeys(publicUrl: string): Record<KeyName, () => string> {
  const signing = () => JSON.stringify(exportSigningKey(generateSigningKey()))
  return {
    federation: signing,
    request: signing,
    list: signing,
    log: () => exportLogKey(generateLogKey(logName(publicUrl))),
  }
}

function openKey(keyring: Keyring, sealed: readonly SealedKey[], name: KeyName): string {
  const found = sealed.find((key) => key.name === name)
  if (found === undefined) throw new Error(`the ${name} key is missing from the database`)
  try {
    return keyring.open(found.sealed, context(name)).toString('utf8')
  } catch (cause) {
    throw new Error('the keyring in DATA_DIR is not the one that sealed the keys of this database', { cause })
  }
}

function context(name: string): string {
  return `registry/key/${name}`
}
