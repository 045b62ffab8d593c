import { LogError } from './log-error.ts'
import { foldSubtrees, HASH_BYTES, leafHash, rootOf } from './merkle-tree.ts'
import { edgeTiles, TILE_WIDTH, type TileId, tilePath } from './tile-path.ts'

/** The length of every entry of this log: one salted commitment. */
const ENTRY_BYTES = HASH_BYTES
const BUNDLED_ENTRY_BYTES = 2 + ENTRY_BYTES

/** A tree as it is stored: how many entries it has, and at least the tiles that `edgeTiles(size)` names, each under its path. */
export type StoredTree = { size: number; tiles: ReadonlyMap<string, Buffer> }

/** What a batch makes of a tree. `tiles` holds only what is new: full tiles and the new partial ones, to be stored in one transaction. */
export type AppendedTree = { size: number; root: Buffer; tiles: Map<string, Buffer> }

/**
 * TLOG#merkle-tree, RFC6962#section-2.1. Appends commitments (32 bytes each) in their order; the first gets index `tree.size`.
 * The work grows with the batch, not with the log. An empty batch changes nothing and gives the present root.
 * @throws LogError `missing_tile`, `malformed_tile` (the stored edge is not the edge of `size`), `malformed_leaf`
 */
export function appendBatch(tree: StoredTree, commitments: readonly Buffer[]): AppendedTree {
  if (commitments.some((entry) => entry.length !== ENTRY_BYTES)) {
    throw new LogError('malformed_leaf', 'a log entry is a commitment of 32 bytes')
  }
  const tiles = new Map<string, Buffer>()
  fill(
    { stored: tree.tiles, tiles, level: 'entries', count: tree.size, itemBytes: BUNDLED_ENTRY_BYTES },
    commitments.map(bundled),
  )
  let added = commitments.map(leafHash)
  for (let level = 0, count = tree.size; added.length > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    added = fill({ stored: tree.tiles, tiles, level, count, itemBytes: HASH_BYTES }, added).map((tile) =>
      rootOf(hashesOf(tile)),
    )
  }
  const size = tree.size + commitments.length
  return { size, root: treeRoot({ size, tiles: new Map([...tree.tiles, ...tiles]) }), tiles }
}

/** TLOG#log-entries. Entries in a bundle are prefixed by their length. */
function bundled(entry: Buffer): Buffer {
  return Buffer.concat([Buffer.of(entry.length >> 8, entry.length & 0xff), entry])
}

type Row = {
  stored: ReadonlyMap<string, Buffer>
  tiles: Map<string, Buffer>
  level: TileId['level']
  count: number
  itemBytes: number
}

/** Adds items to the row's right edge, notes each changed tile, and returns the tiles that became full. */
function fill(row: Row, items: readonly Buffer[]): Buffer[] {
  if (items.length === 0) return []
  const firstTile = Math.floor(row.count / TILE_WIDTH)
  const bytes = Buffer.concat([partialTile(row, firstTile), ...items])
  const full: Buffer[] = []
  for (let start = 0, index = firstTile; start < bytes.length; start += TILE_WIDTH * row.itemBytes, index++) {
    const tile = bytes.subarray(start, start + TILE_WIDTH * row.itemBytes)
    const width = tile.length / row.itemBytes
    row.tiles.set(tilePath({ level: row.level, index, width }), tile)
    if (width === TILE_WIDTH) full.push(tile)
  }
  return full
}

function partialTile(row: Row, index: number): Buffer {
  const width = row.count % TILE_WIDTH
  return width === 0 ? Buffer.alloc(0) : storedTile(row.stored, { level: row.level, index, width }, row.itemBytes)
}

function storedTile(tiles: ReadonlyMap<string, Buffer>, id: TileId, itemBytes: number): Buffer {
  const tile = tiles.get(tilePath(id))
  if (tile === undefined) throw new LogError('missing_tile', 'the right edge of the tree is not complete')
  if (tile.length !== id.width * itemBytes) throw new LogError('malformed_tile', 'a stored tile has the wrong length')
  return tile
}

/**
 * RFC6962#section-2.1. The root of a stored tree, from its right edge alone; compare it with the last signed head before appending.
 * @throws LogError `missing_tile`, `malformed_tile`
 */
export function treeRoot(tree: StoredTree): Buffer {
  const subtrees: Buffer[] = []
  const edge = edgeTiles(tree.size).filter(({ level }) => level !== 'entries')
  for (const id of edge.reverse()) subtrees.push(...perfectSubtrees(hashesOf(storedTile(tree.tiles, id, HASH_BYTES))))
  return foldSubtrees(subtrees)
}

/** The roots of the perfect trees that a row of fewer than 256 hashes falls into, the largest first. */
function perfectSubtrees(hashes: readonly Buffer[]): Buffer[] {
  const roots: Buffer[] = []
  let start = 0
  for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
    if (start + width > hashes.length) continue
    roots.push(rootOf(hashes.slice(start, start + width)))
    start += width
  }
  return roots
}

/** The hashes of a tile, one by one. */
export function hashesOf(tile: Buffer): Buffer[] {
  return Array.from({ length: tile.length / HASH_BYTES }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}
