import { hashesOf } from './append-batch.ts'
import { LogError } from './log-error.ts'
import { EMPTY_ROOT, foldSubtrees, HASH_BYTES, largestPowerOfTwoBelow, rootOf } from './merkle-tree.ts'
import { TILE_WIDTH, tilePath, tileWidth } from './tile-path.ts'

/** Reads one resource of the log by its path below the log's prefix; undefined when the log does not have it. */
export type FetchTile = (path: string) => Promise<Buffer | undefined>

/** The tiles of one tree, each read at most once. What it reads is not believed: every proof is checked against a signed root. */
export type TileReader = {
  readonly size: number
  leaf(index: number): Promise<Buffer>
  subtree(span: Span): Promise<Buffer>
}

/** Entries `start` up to but not including `end`. */
type Span = { start: number; end: number }

/** Levels of a tree that one tile covers. */
const TILE_HEIGHT = 8

/** A reader of the tree of `size` entries. Its methods throw LogError `missing_tile` or `malformed_tile`. */
export function readTiles(size: number, fetchTile: FetchTile): TileReader {
  const known = new Map<string, Promise<Buffer[]>>()
  const tile = (level: number, index: number): Promise<Buffer[]> => {
    const width = tileWidth(size, level, index)
    const path = tilePath({ level, index, width })
    const found = known.get(path) ?? fetchHashes({ level, index, width }, fetchTile)
    known.set(path, found)
    return found
  }
  const leaf = async (index: number): Promise<Buffer> => {
    const hashes = await tile(0, Math.floor(index / TILE_WIDTH))
    return hashes[index % TILE_WIDTH] as Buffer
  }
  const subtree = async (span: Span): Promise<Buffer> => {
    if (span.start === span.end) return EMPTY_ROOT
    const roots = perfectSpans(span).map(async ({ start, height }) => {
      const level = Math.floor(height / TILE_HEIGHT)
      const first = start / TILE_WIDTH ** level
      const hashes = await tile(level, Math.floor(first / TILE_WIDTH))
      const from = first % TILE_WIDTH
      return rootOf(hashes.slice(from, from + 2 ** (height - level * TILE_HEIGHT)))
    })
    return foldSubtrees(await Promise.all(roots))
  }
  return { size, leaf, subtree }
}

/** TLOG#partial-tiles. A log may have replaced a partial tile by the full one, of which it is the beginning. */
async function fetchHashes(
  id: { level: number; index: number; width: number },
  fetchTile: FetchTile,
): Promise<Buffer[]> {
  if (id.width === 0) throw new LogError('missing_tile', 'the tree has no such tile')
  const exact = await fetchTile(tilePath(id))
  const bytes = exact ?? (id.width < TILE_WIDTH ? await fetchTile(tilePath({ ...id, width: TILE_WIDTH })) : undefined)
  if (bytes === undefined) throw new LogError('missing_tile', 'the log does not serve a tile that its checkpoint needs')
  const expected = exact === undefined ? TILE_WIDTH : id.width
  if (bytes.length !== expected * HASH_BYTES)
    throw new LogError('malformed_tile', 'a tile of the log has the wrong length')
  return hashesOf(bytes.subarray(0, id.width * HASH_BYTES))
}

/** The perfect subtrees that a span of a tree falls into, the largest first. */
function perfectSpans(span: Span): { start: number; height: number }[] {
  const spans: { start: number; height: number }[] = []
  for (let start = span.start; start < span.end; ) {
    let height = 0
    while (start % 2 ** (height + 1) === 0 && start + 2 ** (height + 1) <= span.end) height++
    spans.push({ start, height })
    start += 2 ** height
  }
  return spans
}

/**
 * RFC6962#section-2.1.1. The audit path of entry `index` in the tree that the reader reads.
 * @throws LogError `missing_tile`, `malformed_tile`
 */
export async function proveInclusion(tiles: TileReader, index: number): Promise<Buffer[]> {
  if (index >= tiles.size) throw new LogError('not_yet_logged', 'the tree has no entry with this index', { index })
  const siblings: Span[] = []
  for (let start = 0, end = tiles.size; end - start > 1; ) {
    const split = start + largestPowerOfTwoBelow(end - start)
    siblings.push(index < split ? { start: split, end } : { start, end: split })
    if (index < split) end = split
    else start = split
  }
  return Promise.all(siblings.reverse().map(tiles.subtree))
}

/**
 * RFC6962#section-2.1.2. The proof that the tree of `oldSize` entries is the beginning of the tree that the reader reads.
 * @throws LogError `shortened_log` (the reader's tree is the smaller one), `missing_tile`, `malformed_tile`
 */
export async function proveConsistency(tiles: TileReader, oldSize: number): Promise<Buffer[]> {
  if (oldSize > tiles.size) throw new LogError('shortened_log', 'the tree is smaller than the one it should contain')
  if (oldSize === 0) return []
  const spans: Span[] = []
  let start = 0
  let end = tiles.size
  while (oldSize !== end) {
    const split = start + largestPowerOfTwoBelow(end - start)
    spans.push(oldSize <= split ? { start: split, end } : { start, end: split })
    if (oldSize <= split) end = split
    else start = split
  }
  // The common subtree is left out when it is the whole old tree: its root is known to who asks.
  if (start > 0) spans.push({ start, end })
  return Promise.all(spans.reverse().map(tiles.subtree))
}
