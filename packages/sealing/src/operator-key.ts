import { createPrivateFile, hasCode, readPrivateFile } from './private-file.ts'
import { SealingError } from './sealing-error.ts'
import { hashSecret, newSecret } from './secret.ts'

const MIN_LENGTH = 32

/**
 * The key with which the operator of a node calls its management API; made at the first start, one line in a file that only
 * its owner can read. In: the file. Out: the key's SHA-256, all that a running process needs. Throws `SealingError`
 * `unusable_operator_key` when others can read the file or the key is too short.
 */
export function openOperatorKey(file: string): Buffer {
  try {
    return readOperatorKey(file)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  createPrivateFile(file, `${newSecret()}\n`)
  return readOperatorKey(file)
}

function readOperatorKey(file: string): Buffer {
  const key = readPrivateFile(file)?.toString('utf8').trim() ?? ''
  if (key.length < MIN_LENGTH) throw new SealingError('unusable_operator_key')
  return hashSecret(key)
}
