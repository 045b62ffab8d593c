import type { Db } from '@samen/pg-kit'
import { appendBatch, edgeTiles, readTilePath, signCheckpoint, TILE_WIDTH, treeRoot } from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { extendLog, type LogHead, readHead, readPending, readTileRows, type StoredTile } from './log.sql.ts'
import { ENTRIES_LEVEL, tileKey } from './tile-key.ts'

const MOST_PER_BATCH = 1_000
const HASH_BYTES = 32
const ENTRY_BYTES = 34

/**
 * Gives waiting events their places and signs a new head. Any process may call it at any time: it builds outside the transaction
 * and commits by compare-and-swap, so that of two builders one wins and the other has done nothing. A head is published only
 * after its tiles are committed. Returns the head that now is the newest, as far as this process knows.
 * Throws Error when the stored tiles do not add up to the signed head: any doubt stops the log.
 */
export async function sequenceLog(deps: Pick<Deps, 'db' | 'keys' | 'head'>): Promise<LogHead> {
  const { db, keys } = deps
  const [head, pending] = await Promise.all([requireHead(db), readPending(db, MOST_PER_BATCH)])
  if (pending.length === 0) return deps.head.show(head)
  const tree = { size: head.size, tiles: await readEdge(db, head.size) }
  if (!treeRoot(tree).equals(head.root))
    throw new Error('the log does not add up to its signed head; nothing is appended')
  const appended = appendBatch(
    tree,
    pending.map(({ commitment }) => commitment),
  )
  const { size, root } = appended
  const next = { size, root, checkpoint: signCheckpoint(keys.log, { size, root }) }
  const ids = pending.map(({ id }) => id)
  const won = await extendLog(db, head.size, next, toRows(appended.tiles), ids)
  return deps.head.show(won ? next : head)
}

async function requireHead(db: Db): Promise<LogHead> {
  const head = await readHead(db)
  if (head === undefined) throw new Error('the log has no head')
  return head
}

/** The right edge of the tree of this size. A tile that another process has grown since then begins with what we need. */
async function readEdge(db: Db, size: number): Promise<Map<string, Buffer>> {
  const wanted = edgeTiles(size)
  const levels = wanted.map(({ level }) => (level === 'entries' ? ENTRIES_LEVEL : level))
  const rows = await readTileRows(
    db,
    levels,
    wanted.map(({ index }) => index),
  )
  return new Map(
    wanted.flatMap((id, at) => {
      const row = rows.find(({ level, idx }) => level === levels[at] && idx === id.index)
      const length = id.width * (id.level === 'entries' ? ENTRY_BYTES : HASH_BYTES)
      return row === undefined ? [] : [[tileKey(id), row.bytes.subarray(0, length)] as const]
    }),
  )
}

/** A tile is one row that grows: of the new tiles at one place the widest holds the others. */
function toRows(tiles: ReadonlyMap<string, Buffer>): StoredTile[] {
  const widest = new Map<string, StoredTile>()
  for (const [path, bytes] of tiles) {
    const id = readTilePath(path)
    if (id === undefined) throw new RangeError('a tile has no path')
    const row = { level: id.level === 'entries' ? ENTRIES_LEVEL : id.level, idx: id.index, bytes }
    const place = tileKey({ ...id, width: TILE_WIDTH })
    if (bytes.length > (widest.get(place)?.bytes.length ?? 0)) widest.set(place, row)
  }
  return [...widest.values()]
}
