import { ProtocolError } from '@samen/errors'
import type { Db } from '@samen/pg-kit'
import { readKeptFile, replaceKeptFile } from '@samen/sealing'
import { type LogKey, openCheckpoint } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { findFault } from './find-fault.ts'
import { type LogHead, readHead } from './log.sql.ts'

/**
 * The newest head that this process has seen, in memory and in a file that outlives the database. A database that was set back (a
 * restore, a replica that was behind) would let withdrawn consents live again and the log fork: the first head that does not follow
 * stops the log for this process, and with it lists, decisions and messages, until somebody has looked and starts it again.
 */
export type SeenHead = {
  current(): LogHead
  /**
   * Compares a head of the database with `before`, the newest that was known when the reading began; a shorter one may have been true
   * then. Returns the newest one known now. Throws ProtocolError 503 when the log is stopped, by this head or before.
   */
  follow(before: LogHead, head: LogHead): Promise<LogHead>
  /** Reads the head and follows it. Throws as `follow`, DatabaseUnavailable. */
  check(): Promise<LogHead>
  /** Takes note of a head that was made from one that was followed, and returns the newest one known. */
  show(head: LogHead): Promise<LogHead>
  isStopped(): boolean
  /** Throws ProtocolError 503 when the log is stopped. */
  assertIntact(): void
}

/**
 * Follows the heads from the one that was opened, which is in the file when this returns. One after the other, and first in the file: what
 * was published once is remembered even if the database forgets it. Throws Error when the file cannot be written.
 */
export async function followHeads(
  deps: { db: Db; key: LogKey; file: string; log: Deps['log'] },
  opened: LogHead,
): Promise<SeenHead> {
  await keepCheckpoint(deps, opened)
  let newest = opened
  let stopped = false
  let saving: Promise<unknown> = Promise.resolve()
  const save = async (next: LogHead): Promise<LogHead> => {
    if (next.size <= newest.size) return newest
    await keepCheckpoint(deps, next)
    newest = next
    return next
  }
  const show = (next: LogHead): Promise<LogHead> => {
    const saved = saving.then(() => save(next))
    saving = saved.catch(() => undefined)
    return saved
  }
  const assertIntact = () => {
    if (stopped) throw stoppedLog()
  }
  const follow = async (before: LogHead, head: LogHead): Promise<LogHead> => {
    assertIntact()
    const fault = await findFault(deps.db, before, head)
    if (fault !== undefined && !stopped) {
      stopped = true
      deps.log.error({ code: fault, count: head.size }, 'the log is stopped: the database was set back or exchanged')
    }
    assertIntact()
    return show(head)
  }
  const check = async (): Promise<LogHead> => {
    const before = newest
    const head = await readHead(deps.db)
    if (head === undefined) throw new Error('the log has no head')
    return follow(before, head)
  }
  return { current: () => newest, follow, check, show, isStopped: () => stopped, assertIntact }
}

/** Never an older one in the place of a newer one: another process may keep its own here. */
async function keepCheckpoint(
  { file, key }: { file: string; key: LogKey },
  { size, checkpoint }: LogHead,
): Promise<void> {
  const kept = await readKeptFile(file)
  if (kept !== undefined && openCheckpoint(kept.toString('utf8'), key.verifierKey).size >= size) return
  await replaceKeptFile(file, checkpoint, 'owner')
}

function stoppedLog(): ProtocolError {
  const headers = { 'retry-after': '60' }
  return new ProtocolError(503, 'temporarily_unavailable', 'this registry has stopped to protect its log', { headers })
}
