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

/**
 * Reads a secret from its file. In: the path. Out: its bytes, or undefined when anybody but the owner may read it. Throws
 * the error of the system, `ENOENT` when there is no such file.
 */
export function readPrivateFile(file: string): Buffer | undefined {
  const handle = openSync(file, 'r')
  try {
    return (fstatSync(handle).mode & 0o077) === 0 ? readFileSync(handle) : undefined
  } finally {
    closeSync(handle)
  }
}

/**
 * Writes a secret to a file that is not there yet, for its owner only. Written aside and linked into place: of two processes
 * that start together one secret wins, and never half a secret. Throws the error of the system.
 */
export function createPrivateFile(file: string, secret: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${pooledRandom(8).toString('hex')}`
  try {
    writeDurably(draft, secret)
    linkSync(draft, file)
    syncDirectory(dirname(file))
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Whether an error of the system has this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function writeDurably(file: string, secret: Buffer | string): void {
  const handle = openSync(file, 'wx', 0o600)
  try {
    writeSync(handle, Buffer.from(secret))
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
