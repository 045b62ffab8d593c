import { LogError } from './log-error.ts'
import { EMPTY_ROOT, HASH_BYTES, largestPowerOfTwoBelow, nodeHash } from './merkle-tree.ts'

/** What an inclusion proof says: the leaf with this hash is entry `index` of the tree of `size` entries with this root. */
export type InclusionClaim = { index: number; size: number; leafHash: Buffer; root: Buffer }

/**
 * RFC6962#section-2.1.1. Returns when the audit path proves the claim.
 * @throws LogError `invalid_proof`
 */
export function verifyInclusion(claim: InclusionClaim, proof: readonly Buffer[]): void {
  if (!isSize(claim.size) || !isSize(claim.index) || claim.index >= claim.size) throw invalidProof()
  assertHashes([claim.leafHash, claim.root, ...proof])
  if (!climb(claim.index, claim.size, claim.leafHash, proof).equals(claim.root)) throw invalidProof()
}

/** The root that the path leads to. The last hash of a path is the sibling nearest to the root. */
function climb(index: number, size: number, leaf: Buffer, proof: readonly Buffer[]): Buffer {
  const sibling = proof.at(-1)
  if (size === 1 || sibling === undefined) {
    // A path with a hash too few or too many proves nothing, even when the hashes it has are right.
    if (size !== 1 || sibling !== undefined) throw invalidProof()
    return leaf
  }
  const split = largestPowerOfTwoBelow(size)
  const rest = proof.slice(0, -1)
  if (index < split) return nodeHash(climb(index, split, leaf, rest), sibling)
  return nodeHash(sibling, climb(index - split, size - split, leaf, rest))
}

/** What a consistency proof says: the newer tree begins with exactly the entries of the older one. */
export type ConsistencyClaim = { oldSize: number; oldRoot: Buffer; newSize: number; newRoot: Buffer }

/**
 * RFC6962#section-2.1.2. Returns when the proof shows that nothing in the older tree was changed, moved or removed.
 * An empty older tree is a beginning of every tree and takes an empty proof.
 * @throws LogError `invalid_proof`
 */
export function verifyConsistency(claim: ConsistencyClaim, proof: readonly Buffer[]): void {
  const { oldSize, oldRoot, newSize, newRoot } = claim
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) throw invalidProof()
  assertHashes([oldRoot, newRoot, ...proof])
  if (oldSize === 0) {
    if (proof.length > 0 || !oldRoot.equals(EMPTY_ROOT)) throw invalidProof()
    return
  }
  const proved = rebuild({ start: 0, end: newSize, oldSize, oldRoot }, proof)
  if (!proved.oldRoot.equals(oldRoot) || !proved.newRoot.equals(newRoot)) throw invalidProof()
}

type Span = { start: number; end: number; oldSize: number; oldRoot: Buffer }

/** The roots of the old and of the new tree over the entries `start` to `end`, as far as the proof gives them. */
function rebuild(span: Span, proof: readonly Buffer[]): { oldRoot: Buffer; newRoot: Buffer } {
  const { start, end, oldSize } = span
  if (oldSize === end) return unchanged(span, proof)
  const sibling = proof.at(-1)
  if (sibling === undefined) throw invalidProof()
  const rest = proof.slice(0, -1)
  const split = start + largestPowerOfTwoBelow(end - start)
  if (oldSize <= split) {
    const left = rebuild({ ...span, end: split }, rest)
    return { oldRoot: left.oldRoot, newRoot: nodeHash(left.newRoot, sibling) }
  }
  const right = rebuild({ ...span, start: split }, rest)
  return { oldRoot: nodeHash(sibling, right.oldRoot), newRoot: nodeHash(sibling, right.newRoot) }
}

/** A subtree that both trees share: known already when it is the whole old tree, else the one hash that is left of the proof. */
function unchanged(span: Span, proof: readonly Buffer[]): { oldRoot: Buffer; newRoot: Buffer } {
  if (span.start === 0 && proof.length === 0) return { oldRoot: span.oldRoot, newRoot: span.oldRoot }
  const [only] = proof
  if (span.start === 0 || proof.length !== 1 || only === undefined) throw invalidProof()
  return { oldRoot: only, newRoot: only }
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function assertHashes(hashes: readonly Buffer[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw invalidProof()
}

const invalidProof = () => new LogError('invalid_proof', 'the proof does not lead to the stated root')
