import { readTilePath, TILE_WIDTH } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { readTileRow } from './log.sql.ts'
import { rowLevel, tileLength } from './tile-row.ts'

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
  const row = await readTileRow(deps.db, rowLevel(id), id.index)
  const length = tileLength(id)
  if (row === undefined || row.bytes.length < length) return undefined
  return { bytes: row.bytes.subarray(0, length), full: id.width === TILE_WIDTH }
}
