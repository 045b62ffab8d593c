import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { LogError } from './log-error.ts'
import { entryHash, type LogRecord, type LogRecordEntry } from './log-record.ts'
import { type FetchTile, proveConsistency, proveInclusion, readTiles, type TileReader } from './prove-from-tiles.ts'
import { verifyConsistency, verifyInclusion } from './verify-proofs.ts'

/** What was proved. `earlier` is the checkpoint of the record, `current` the one the log shows now; `tiles` counts what was read. */
export type LogReport = { earlier: Checkpoint; current: Checkpoint; events: number; tiles: number }

/**
 * Checks a record against the log as it is now: the current checkpoint is signed by the log's key, its tree
 * begins with the tree of the record's own checkpoint, and each event of the record is an entry of both.
 * The proofs in the record are not looked at.
 *
 * @throws LogError of which the code tells apart: `bad_signature`, `unknown_signer`, `foreign_log` (a checkpoint is not this log's);
 * `shortened_log`, `forked_log` (the log shows another past than it signed before); `tampered_entry` with its index (the log holds
 * something else there than the record says); `not_yet_logged`; `damaged_tiles`, `missing_tile`, `malformed_tile` (what the log
 * serves does not add up to what it signed)
 */
export async function compareWithLog(
  record: LogRecord,
  fetchTile: FetchTile,
  checkpointText: string,
  verifierKey: string,
): Promise<LogReport> {
  const { earlier, current, reader, tiles } = await follow(
    record.log.checkpoint,
    fetchTile,
    checkpointText,
    verifierKey,
  )
  for (const entry of record.events) await assertLogged(entry, earlier, current, reader)
  return { earlier, current, events: record.events.length, tiles: tiles() }
}

/**
 * Checks that the log as it is now begins with the tree of a checkpoint that was kept earlier, in a record or in a file.
 * @throws LogError as `compareWithLog` does, but for the codes about an entry
 */
export async function verifyLogGrowth(
  earlierText: string,
  fetchTile: FetchTile,
  checkpointText: string,
  verifierKey: string,
): Promise<{ earlier: Checkpoint; current: Checkpoint }> {
  const { earlier, current } = await follow(earlierText, fetchTile, checkpointText, verifierKey)
  return { earlier, current }
}

async function follow(earlierText: string, fetchTile: FetchTile, checkpointText: string, verifierKey: string) {
  const current = openCheckpoint(checkpointText, verifierKey)
  const earlier = openCheckpoint(earlierText, verifierKey)
  let tiles = 0
  const reader = readTiles(current.size, async (path) => {
    const tile = await fetchTile(path)
    if (tile !== undefined) tiles++
    return tile
  })
  await assertContains(current, earlier, reader)
  return { earlier, current, reader, tiles: () => tiles }
}

/**
 * RFC6962#section-2.1.2. First that the tiles are those of the signed root, and that the beginning they show is a beginning of it: when
 * that beginning then differs from what was signed before, the log itself has two histories, and not a careless server.
 */
async function assertContains(current: Checkpoint, earlier: Checkpoint, reader: TileReader): Promise<void> {
  if (earlier.size > current.size)
    throw new LogError('shortened_log', 'the log has fewer entries than it has signed for')
  const root = await reader.subtree({ start: 0, end: current.size })
  if (!root.equals(current.root)) throw new LogError('damaged_tiles', 'the tiles do not add up to the signed root')
  const beginning = await reader.subtree({ start: 0, end: earlier.size })
  const claim = { oldSize: earlier.size, oldRoot: beginning, newSize: current.size, newRoot: current.root }
  const proof = await proveConsistency(reader, earlier.size)
  try {
    verifyConsistency(claim, proof)
  } catch (cause) {
    throw new LogError('damaged_tiles', 'the tiles do not lead from the earlier to the present root', { cause })
  }
  if (!beginning.equals(earlier.root)) {
    throw new LogError('forked_log', 'the log has signed two histories that exclude each other')
  }
}

/** RFC6962#section-2.1.1. The log's own leaf is proved first: then a leaf that differs is the record's fault or the writer's, not the tile's. */
async function assertLogged(
  entry: LogRecordEntry,
  earlier: Checkpoint,
  current: Checkpoint,
  reader: TileReader,
): Promise<void> {
  const { index } = entry
  if (index >= earlier.size) throw new LogError('not_yet_logged', 'the checkpoint does not cover this entry', { index })
  const logged = await reader.leaf(index)
  const proof = await proveInclusion(reader, index)
  try {
    verifyInclusion({ index, size: current.size, leafHash: logged, root: current.root }, proof)
  } catch (cause) {
    throw new LogError('damaged_tiles', 'the tiles do not lead from this entry to the signed root', { cause, index })
  }
  if (!entryHash(entry).equals(logged)) {
    throw new LogError('tampered_entry', 'the log holds something else in the place of this event', { index })
  }
}
