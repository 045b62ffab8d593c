import { readTilePath, TILE_WIDTH } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { readTileRow } from './log.sql.ts'
import { ENTRIES_LEVEL } from './tile-key.ts'

const HASH_BYTES = 32
const ENTRY_BYTES = 34

/** The newest signed head that this process knows (TLOG#checkpoints). From memory; the sequencer refreshes it. */
export function currentCheckpoint(deps: Pick<Deps, 'head'>): string {
  return deps.head.current().checkpoint
}

/**
 * One tile or bundle of entries by its path below the log's prefix (TLOG#merkle-tree). A full one never changes. Undefined for
 * a path of another form and for what the log does not have (yet).
 */
export async function readLogTile(
  deps: Pick<Deps, 'db'>,
  path: string,
): Promise<{ bytes: Buffer; full: boolean } | undefined> {
  const id = readTilePath(path)
  if (id === undefined) return undefined
  const row = await readTileRow(deps.db, id.level === 'entries' ? ENTRIES_LEVEL : id.level, id.index)
  const length = id.width * (id.level === 'entries' ? ENTRY_BYTES : HASH_BYTES)
  if (row === undefined || row.bytes.length < length) return undefined
  return { bytes: row.bytes.subarray(0, length), full: id.width === TILE_WIDTH }
}
