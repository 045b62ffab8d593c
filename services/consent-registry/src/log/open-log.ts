import type { Db } from '@samen/pg-kit'
import { readKeptFile } from '@samen/sealing'
import { EMPTY_ROOT, type LogKey, openCheckpoint, signCheckpoint } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { findFault } from './find-fault.ts'
import { readHead, startHead } from './log.sql.ts'
import { followHeads, type SeenHead } from './seen-head.ts'

const SENTENCES = {
  older: 'the log in the database is older than the last checkpoint this registry has signed',
  'another-past': 'the log in the database has another past than the last checkpoint this registry has signed',
} as const

/**
 * Opens the log: makes the empty head at the first start, and refuses a database whose log is older than, or differs from, the
 * last checkpoint kept in `file` (a restored or exchanged database would let the registry sign two pasts).
 * Throws Error with one sentence.
 */
export async function openLog(deps: { db: Db; key: LogKey; file: string; log: Deps['log'] }): Promise<SeenHead> {
  const { db, key, file } = deps
  // The file first: another process may extend the log meanwhile, and what the file says is then in the database for certain.
  const kept = await readKeptFile(file)
  await startHead(db, { size: 0, root: EMPTY_ROOT, checkpoint: signCheckpoint(key, { size: 0, root: EMPTY_ROOT }) })
  const head = await readHead(db)
  if (head === undefined) throw new Error('the log has no head')
  const seen = kept && openCheckpoint(kept.toString('utf8'), key.verifierKey)
  const fault = seen && (await findFault(db, seen, head))
  if (fault !== undefined) throw new Error(SENTENCES[fault])
  return followHeads(deps, head)
}
