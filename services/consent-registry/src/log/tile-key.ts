import { type TileId, tilePath } from '@samen/transparency-log'

/** Under this level the database keeps the bundles of entries. */
export const ENTRIES_LEVEL = -1

/** The path of a tile as the log serves it (TLOG#merkle-tree). */
export const tileKey = (id: TileId): string => tilePath(id)
