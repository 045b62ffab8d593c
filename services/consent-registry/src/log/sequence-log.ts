import type { Db } from '@samen/pg-kit'
import {
  appendBatch,
  edgeTiles,
  readTilePath,
  signCheckpoint,
  TILE_WIDTH,
  tilePath,
  treeRoot,
} from '@samen/transparency-log'
import type { Deps } from '../deps.ts'
import { extendLog, type LogHead, readHeadAndPending, readTileRows, type StoredTile } from './log.sql.ts'
import { rowLevel, tileLength } from './tile-row.ts'

const MOST_PER_BATCH = 1_000

type Waiting = { ids: string[]; commitments: string[] }

/** Of two sequencers one wins each time; the other builds on what it finds then. */
const MOST_ATTEMPTS = 5

/**
 * Gives waiting events their places and signs a new head. Any process may call it at any time: it builds outside the transaction
 * and commits by compare-and-swap, so that of two builders one wins and the other has done nothing and starts again. A head is
 * published only after its tiles are committed. Returns the newest head, which covers what was committed before the call, unless others
 * kept coming first and are still at it.
 * Throws ProtocolError 503 when the database was set back or exchanged (`SeenHead`), Error when the stored tiles do not add up to the
 * signed head: any doubt stops the log.
 */
export async function sequenceLog(deps: Pick<Deps, 'db' | 'keys' | 'head'>): Promise<LogHead> {
  for (let lost = 0; lost < MOST_ATTEMPTS; ) {
    const before = deps.head.current()
    const { ids, commitments, ...head } = await readWaiting(deps.db)
    const newest = await deps.head.follow(before, head)
    if (ids.length === 0) return newest
    const next = await extend(deps, head, { ids, commitments })
    if (next === undefined) lost += 1
    else if (ids.length < MOST_PER_BATCH) return deps.head.show(next)
    else await deps.head.show(next)
  }
  return deps.head.check()
}

/** The new head, or undefined when the log was extended by somebody else meanwhile. */
async function extend({ db, keys }: Pick<Deps, 'db' | 'keys'>, head: LogHead, waiting: Waiting) {
  const tree = { size: head.size, tiles: await readEdge(db, head.size) }
  if (!treeRoot(tree).equals(head.root)) {
    throw new Error('the log does not add up to its signed head; nothing is appended')
  }
  const commitments = waiting.commitments.map((commitment) => Buffer.from(commitment, 'hex'))
  const { size, root, tiles } = appendBatch(tree, commitments)
  const next = { size, root, checkpoint: signCheckpoint(keys.log, { size, root }) }
  return (await extendLog(db, head.size, next, toRows(tiles), waiting.ids)) ? next : undefined
}

async function readWaiting(db: Db): Promise<LogHead & Waiting> {
  const waiting = await readHeadAndPending(db, MOST_PER_BATCH)
  if (waiting === undefined) throw new Error('the log has no head')
  return waiting
}

/** The right edge of the tree of this size. A tile that another process has grown since then begins with what we need. */
async function readEdge(db: Db, size: number): Promise<Map<string, Buffer>> {
  const wanted = edgeTiles(size)
  const levels = wanted.map(rowLevel)
  const rows = await readTileRows(
    db,
    levels,
    wanted.map(({ index }) => index),
  )
  return new Map(
    wanted.flatMap((id, at) => {
      const row = rows.find(({ level, idx }) => level === levels[at] && idx === id.index)
      return row === undefined ? [] : [[tilePath(id), row.bytes.subarray(0, tileLength(id))] as const]
    }),
  )
}

/** A tile is one row that grows: of the new tiles at one place the widest holds the others. */
function toRows(tiles: ReadonlyMap<string, Buffer>): StoredTile[] {
  const widest = new Map<string, StoredTile>()
  for (const [path, bytes] of tiles) {
    const id = readTilePath(path)
    if (id === undefined) throw new RangeError('a tile has no path')
    const row = { level: rowLevel(id), idx: id.index, bytes }
    const place = tilePath({ ...id, width: TILE_WIDTH })
    if (bytes.length > (widest.get(place)?.bytes.length ?? 0)) widest.set(place, row)
  }
  return [...widest.values()]
}
