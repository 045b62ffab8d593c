import { StatusListError } from './status-list-error.ts'

/** How many bits one status has. TSL#status-list-byte-array */
export type StatusSize = 1 | 2 | 4 | 8

/** Statuses packed from the least significant bit of each byte; `size` is how many there are. */
export type PackedStatuses = { readonly bits: StatusSize; readonly size: number; readonly bytes: Buffer }

/** Statuses that change. Besides them it keeps what `compressStatusList` made of each chunk, so that a flip costs one chunk. */
export type StatusBits = PackedStatuses & { readonly chunks: (CompressedChunk | undefined)[] }

/** A piece of the list as it stands in the compressed stream, and the checksum of the piece. */
export type CompressedChunk = { readonly deflated: Buffer; readonly adler: number }

/** Bytes of the list that are compressed together. */
export const CHUNK_BYTES = 4_096

/**
 * A list of `size` statuses, all 0 (valid). Places that belong to nobody look like valid ones (TSL#status-types).
 * Throws `StatusListError` `unsupported_bits`, `value_out_of_range` for a size that is not a whole number above 0.
 */
export function newBits(size: number, bits: StatusSize): StatusBits {
  if (!isStatusSize(bits)) throw new StatusListError('unsupported_bits')
  if (!Number.isSafeInteger(size) || size < 1) throw new StatusListError('value_out_of_range')
  const bytes = Buffer.alloc(Math.ceil((size * bits) / 8))
  return { bits, size, bytes, chunks: Array(Math.ceil(bytes.length / CHUNK_BYTES)).fill(undefined) }
}

/** Whether the number is one that a list may have. TSL#status-list-json */
export function isStatusSize(bits: unknown): bits is StatusSize {
  return bits === 1 || bits === 2 || bits === 4 || bits === 8
}

/** Changes one status. Throws `StatusListError` `index_out_of_range`, `value_out_of_range`. TSL#status-list-byte-array */
export function setStatus(list: StatusBits, idx: number, value: number): void {
  assertIndex(list, idx)
  const mask = (1 << list.bits) - 1
  if (!Number.isInteger(value) || value < 0 || value > mask) throw new StatusListError('value_out_of_range')
  const { at, shift } = placeOf(list, idx)
  const byte = list.bytes[at] as number
  const changed = (byte & ~(mask << shift)) | (value << shift)
  if (changed === byte) return
  list.bytes[at] = changed
  list.chunks[Math.floor(at / CHUNK_BYTES)] = undefined
}

/** One status. Throws `StatusListError` `index_out_of_range` for anything that is not a whole number in the list. TSL#validation-rules */
export function statusAt(list: PackedStatuses, idx: number): number {
  assertIndex(list, idx)
  const { at, shift } = placeOf(list, idx)
  return ((list.bytes[at] as number) >> shift) & ((1 << list.bits) - 1)
}

function placeOf({ bits }: PackedStatuses, idx: number): { at: number; shift: number } {
  const perByte = 8 / bits
  return { at: Math.floor(idx / perByte), shift: (idx % perByte) * bits }
}

function assertIndex({ size }: PackedStatuses, idx: number): void {
  if (!Number.isSafeInteger(idx) || idx < 0 || idx >= size) throw new StatusListError('index_out_of_range')
}
