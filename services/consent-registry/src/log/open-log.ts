import { existsSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import type { Db } from '@samen/pg-kit'
import { newSecret } from '@samen/sealing'
import {
  EMPTY_ROOT,
  type LogKey,
  openCheckpoint,
  proveConsistency,
  readTiles,
  signCheckpoint,
  verifyConsistency,
} from '@samen/transparency-log'
import { type LogHead, readHead, startHead } from './log.sql.ts'
import { readLogTile } from './serve-log.ts'

/** The newest head that this process has seen, in memory and in a file that outlives the database. */
export type SeenHead = {
  current(): LogHead | undefined
  /** Takes note of a head and returns the newest one known; a smaller one changes nothing. */
  show(head: LogHead): Promise<LogHead>
}

/**
 * Opens the log: makes the empty head at the first start, and refuses a database whose log is older than, or differs from, the
 * last checkpoint kept in `file` (a restored or exchanged database would let the registry sign two pasts).
 * Throws Error with one sentence.
 */
export async function openLog(deps: { db: Db; key: LogKey; file: string }): Promise<SeenHead> {
  const { db, key, file } = deps
  await startHead(db, { size: 0, root: EMPTY_ROOT, checkpoint: signCheckpoint(key, { size: 0, root: EMPTY_ROOT }) })
  const head = await readHead(db)
  if (head === undefined) throw new Error('the log has no head')
  const seen = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (seen !== undefined) await assertContains(db, head, openCheckpoint(seen, key.verifierKey))
  const heads = rememberHeads(file)
  await heads.show(head)
  return heads
}

/** One after the other, and first in the file: what was published once is remembered even if the database forgets it. */
function rememberHeads(file: string): SeenHead {
  let newest: LogHead | undefined
  let saving: Promise<unknown> = Promise.resolve()
  const save = async (next: LogHead): Promise<LogHead> => {
    if (newest !== undefined && next.size <= newest.size) return newest
    await keepCheckpoint(file, next.checkpoint)
    newest = next
    return next
  }
  return {
    current: () => newest,
    show(next) {
      const saved = saving.then(() => save(next))
      saving = saved.catch(() => undefined)
      return saved
    },
  }
}

async function assertContains(db: Db, head: LogHead, seen: { size: number; root: Buffer }): Promise<void> {
  if (head.size < seen.size)
    throw new Error('the log in the database is older than the last checkpoint this registry has signed')
  try {
    const tiles = readTiles(head.size, async (path) => (await readLogTile({ db }, path))?.bytes)
    const proof = await proveConsistency(tiles, seen.size)
    verifyConsistency({ oldSize: seen.size, oldRoot: seen.root, newSize: head.size, newRoot: head.root }, proof)
  } catch (cause) {
    throw new Error('the log in the database has another past than the last checkpoint this registry has signed', {
      cause,
    })
  }
}

/** Written aside, synced and renamed: the file is the old checkpoint or the new one, never half of one. */
async function keepCheckpoint(file: string, checkpoint: string): Promise<void> {
  const aside = `${file}.${newSecret(6)}`
  const handle = await open(aside, 'w', 0o600)
  try {
    await handle.writeFile(checkpoint)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, file)
}
