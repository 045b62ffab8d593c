import type { TileId } from '@samen/transparency-log'

const HASH_BYTES = 32
/** A commitment with its length before it (TLOG#log-entries). */
const ENTRY_BYTES = 34
const ENTRIES_LEVEL = -1

/** Under which level the database keeps a tile: the bundles of entries lie below the tree. */
export const rowLevel = ({ level }: TileId): number => (level === 'entries' ? ENTRIES_LEVEL : level)

/** How many bytes a tile of this width has. */
export const tileLength = ({ level, width }: TileId): number => width * (level === 'entries' ? ENTRY_BYTES : HASH_BYTES)
