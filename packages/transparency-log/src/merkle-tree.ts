import { hash } from 'node:crypto'

/** Bytes of one tree hash. */
export const HASH_BYTES = 32

/** RFC6962#section-2.1. The root of a tree without leaves. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer')

const LEAF_PREFIX = Buffer.of(0)
const NODE_PREFIX = Buffer.of(1)

/**
 * RFC6962#section-2.1. The hash of one log entry (raw bytes in, 32 bytes out).
 * The prefixes 0 and 1 keep a leaf from being passed off as an inner node.
 */
export function leafHash(entry: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, entry]), 'buffer')
}

/** RFC6962#section-2.1. The hash of an inner node from the hashes of its two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([NODE_PREFIX, left, right]), 'buffer')
}

/** RFC6962#section-2.1. The root over a list of leaf hashes, of any length. */
export function rootOf(leafHashes: readonly Buffer[]): Buffer {
  if (leafHashes.length === 0) return EMPTY_ROOT
  return rootOfRange(leafHashes, 0, leafHashes.length)
}

function rootOfRange(hashes: readonly Buffer[], start: number, end: number): Buffer {
  if (end - start === 1) return hashes[start] as Buffer
  const split = start + largestPowerOfTwoBelow(end - start)
  return nodeHash(rootOfRange(hashes, start, split), rootOfRange(hashes, split, end))
}

/** RFC6962#section-2.1. The `k` that splits `n > 1` leaves: the largest power of two smaller than `n`. No 32-bit operators: `n` may be larger. */
export function largestPowerOfTwoBelow(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}

/** The root over perfect subtrees that lie side by side, the largest first: a compact range folded from the right. */
export function foldSubtrees(roots: readonly Buffer[]): Buffer {
  const last = roots.at(-1)
  if (last === undefined) return EMPTY_ROOT
  return roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}
