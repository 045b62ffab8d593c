import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { pooledRandom } from './pooled-random.ts'
import { SealingError } from './sealing-error.ts'

export const KEY_LENGTH = 32

/**
 * Reads the outside key. In: the file, and whether a missing one is to be made. Out: 32 bytes. Throws `SealingError`
 * `no_keyring` when it is missing and must not be made (a new key would not open what the lost one sealed), and
 * `unusable_keyring` when it has another length or others can read it.
 */
export function readKeyringFile(file: string, create: boolean): Buffer {
  try {
    return readKey(file)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
    if (!create) throw new SealingError('no_keyring', { cause: error })
  }
  createKey(file)
  return readKey(file)
}

function readKey(file: string): Buffer {
  const handle = openSync(file, 'r')
  try {
    const { mode, size } = fstatSync(handle)
    if ((mode & 0o077) !== 0 || size !== KEY_LENGTH) throw new SealingError('unusable_keyring')
    return readFileSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Written aside and linked into place: of two processes that start together one key wins, and never half a key. */
function createKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${pooledRandom(8).toString('hex')}`
  try {
    writeDurably(draft)
    linkSync(draft, file)
    syncDirectory(dirname(file))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function writeDurably(file: string): void {
  const handle = openSync(file, 'wx', 0o600)
  try {
    writeSync(handle, pooledRandom(KEY_LENGTH))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** A key that a power failure takes away would take everything it had sealed with it. */
function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
