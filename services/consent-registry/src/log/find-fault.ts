import type { Db } from '@samen/pg-kit'
import { LogError, proveConsistency, readTiles, verifyConsistency } from '@samen/transparency-log'
import type { LogHead } from './log.sql.ts'
import { readLogTile } from './serve-log.ts'

type Head = Pick<LogHead, 'size' | 'root'>

/** `older`: the log has become shorter. `another-past`: it does not begin with what was seen. */
export type LogFault = 'older' | 'another-past'

/**
 * What is wrong with a head of the database, given one that was seen before it was read: undefined when its log begins with that one
 * (RFC6962#section-2.1.2), by the tiles as they are now. Throws DatabaseUnavailable when they cannot be read, which is no fault.
 */
export async function findFault(db: Db, seen: Head, head: Head): Promise<LogFault | undefined> {
  if (head.size < seen.size) return 'older'
  if (head.size === seen.size) return head.root.equals(seen.root) ? undefined : 'another-past'
  try {
    const tiles = readTiles(head.size, async (path) => (await readLogTile({ db }, path))?.bytes)
    const proof = await proveConsistency(tiles, seen.size)
    verifyConsistency({ oldSize: seen.size, oldRoot: seen.root, newSize: head.size, newRoot: head.root }, proof)
    return undefined
  } catch (error) {
    if (error instanceof LogError) return 'another-past'
    throw error
  }
}
