import { hash } from 'node:crypto'
import { appendBatch, type LogKey, type StoredTree, signCheckpoint } from '../src/transparency-log.ts'

export const commitment = (n: number): Buffer => hash('sha256', `entry ${n}`, 'buffer')
export const commitments = (count: number, from = 0): Buffer[] =>
  Array.from({ length: count }, (_, i) => commitment(from + i))

/** A log in memory: all its tiles under their paths, as a server would hold them. */
export type Grown = { size: number; root: Buffer; tiles: Map<string, Buffer> }

/** A log that got its entries in batches of these sizes. */
export function grow(batches: readonly number[], entries = commitments): Grown {
  let tree: StoredTree = { size: 0, tiles: new Map() }
  let root = appendBatch(tree, []).root
  const tiles = new Map<string, Buffer>()
  for (const count of batches) {
    const appended = appendBatch(tree, entries(count, tree.size))
    for (const [path, bytes] of appended.tiles) tiles.set(path, bytes)
    tree = { size: appended.size, tiles }
    root = appended.root
  }
  return { size: tree.size, root, tiles }
}

export const fetchFrom = (log: Grown) => async (path: string) => log.tiles.get(path)
export const checkpointOf = (log: Grown, key: LogKey): string => signCheckpoint(key, log)
