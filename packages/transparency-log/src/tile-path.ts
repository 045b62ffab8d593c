import { LogError } from './log-error.ts'

/** Hashes in a full tile, and entries in a full bundle (TLOG#merkle-tree). */
export const TILE_WIDTH = 256

/** One static resource of the log: tile `index` of a level (or of the entry bundles), `width` hashes or entries wide (1 to 256). */
export type TileId = { level: number | 'entries'; index: number; width: number }

/** TLOG#merkle-tree. The path below the log's prefix, such as `tile/0/x001/x234/067.p/8`. */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** Groups of three digits, all but the last with an `x`, so that a file and a directory never share a name. */
function indexPath(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/\d{3}/g) as string[]
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}

const TILE_PATH = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/

/** TLOG#merkle-tree. The resource that a path names; undefined for anything that is not exactly such a path. */
export function readTilePath(path: string): TileId | undefined {
  const match = TILE_PATH.exec(path)
  if (match === null) return undefined
  const [, level, high = '', low = '', width] = match
  const id: TileId = {
    level: level === 'entries' ? level : Number(level),
    index: Number(high.replace(/[x/]/g, '') + low),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  // One name for one resource: other spellings (x000/001, .p/256) are nobody's path.
  const isPartial = id.width < TILE_WIDTH
  return Number.isSafeInteger(id.index) && isPartial === (width !== undefined) && tilePath(id) === path ? id : undefined
}

/** TLOG#partial-tiles. How many hashes the tile has in a tree of `size` entries: 0 (it does not exist) to 256. */
export function tileWidth(size: number, level: number | 'entries', index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level))
  return Math.min(TILE_WIDTH, Math.max(0, hashes - index * TILE_WIDTH))
}

/**
 * The partial tiles and the partial entry bundle at the right edge of a tree of `size` entries:
 * all that is needed to append to it and to compute its root. At most one for each level.
 */
export function edgeTiles(size: number): TileId[] {
  if (!Number.isSafeInteger(size) || size < 0) throw new LogError('malformed_tile', 'a tree size is a whole number')
  const edge: TileId[] = []
  if (size % TILE_WIDTH > 0)
    edge.push({ level: 'entries', index: Math.floor(size / TILE_WIDTH), width: size % TILE_WIDTH })
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const width = hashes % TILE_WIDTH
    if (width > 0) edge.push({ level, index: Math.floor(hashes / TILE_WIDTH), width })
  }
  return edge
}
