import { LogError } from './log-error.ts'
import { type LogKey, readVerifierKey } from './log-key.ts'
import { HASH_BYTES } from './merkle-tree.ts'
import { openNote, signNote } from './signed-note.ts'

/** What a log states with its signature: which log it is, how many entries it has, and the root over them. */
export type Checkpoint = { origin: string; size: number; root: Buffer }

/**
 * TLOG#note-text. The signed head of a tree, to be served at `<prefix>/checkpoint`. The origin is the name of the key.
 * The caller must never sign two heads that do not follow from each other: compare with the last one before signing.
 */
export function signCheckpoint(key: LogKey, head: { size: number; root: Buffer }): string {
  return signNote(key, `${key.name}\n${head.size}\n${head.root.toString('base64')}\n`)
}

/**
 * TLOG#note-text. The head that this log key has signed. Extension lines are read over: they are signed, but say nothing here.
 * @throws LogError those of `openNote`; `malformed_checkpoint`; `foreign_log` (the key signed for another log than its own)
 */
export function openCheckpoint(text: string, verifierKey: string): Checkpoint {
  const lines = openNote(text, verifierKey).slice(0, -1).split('\n')
  const [origin = '', size = '', encodedRoot = ''] = lines
  const root = Buffer.from(encodedRoot, 'base64')
  const wellFormed = lines.length >= 3 && lines.every((line) => line.length > 0) && /^(0|[1-9]\d{0,15})$/.test(size)
  if (
    !wellFormed ||
    !Number.isSafeInteger(Number(size)) ||
    root.length !== HASH_BYTES ||
    root.toString('base64') !== encodedRoot
  ) {
    throw new LogError('malformed_checkpoint', 'the signed text is not a checkpoint')
  }
  if (origin !== readVerifierKey(verifierKey).name) {
    throw new LogError('foreign_log', 'the checkpoint is about another log than the one of this key')
  }
  return { origin, size: Number(size), root }
}
