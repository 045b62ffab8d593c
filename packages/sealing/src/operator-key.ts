import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hashSecret, newSecret } from './secret.ts'

/**
 * The key with which the operator of a node calls its management API; made at the first start, in a file that only its owner
 * can read. Out: its SHA-256, all that a running process needs. Throws Error when others can read the file or the key is too short.
 */
export function openOperatorKey(file: string): Buffer {
  try {
    return hashSecret(readPrivateFile(file))
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    createOperatorKey(file)
    return hashSecret(readPrivateFile(file))
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
