import { constants, deflateRawSync } from 'node:zlib'
import { adler32, combineAdler32 } from './adler32.ts'
import { CHUNK_BYTES, type CompressedChunk, type StatusBits } from './status-bits.ts'

/** RFC 1950: deflate with a window of 32 kB, highest compression, no dictionary. */
const ZLIB_HEADER = Buffer.of(0x78, 0xda)
/** RFC 1951: a last block with nothing in it. */
const LAST_BLOCK = Buffer.of(0x03, 0x00)
/** What Adler-32 makes of nothing. */
const ADLER_OF_NOTHING = 1

/** Nearly all chunks of a young list are this one. */
let emptyChunk: CompressedChunk | undefined

/**
 * The compressed byte array of a list: one zlib stream, readable by any inflate. TSL#status-list-byte-array
 *
 * In: the list. Out: the stream. Every chunk ends in a full flush, so that it does not depend on those before it: only chunks that
 * changed since the last call are compressed again, and the checksum is put together from those of the chunks.
 */
export function compressStatusList(list: StatusBits): Buffer {
  let adler = ADLER_OF_NOTHING
  const parts: Buffer[] = [ZLIB_HEADER]
  for (let i = 0; i < list.chunks.length; i++) {
    const raw = list.bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)
    const chunk = list.chunks[i] ?? compressChunk(raw)
    list.chunks[i] = chunk
    parts.push(chunk.deflated)
    adler = combineAdler32(adler, chunk.adler, raw.length)
  }
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(adler)
  return Buffer.concat([...parts, LAST_BLOCK, checksum])
}

function compressChunk(raw: Buffer): CompressedChunk {
  if (raw.length < CHUNK_BYTES || !raw.equals(ZEROS)) return deflateChunk(raw)
  emptyChunk ??= deflateChunk(raw)
  return emptyChunk
}

function deflateChunk(raw: Buffer): CompressedChunk {
  const deflated = deflateRawSync(raw, { level: 9, finishFlush: constants.Z_FULL_FLUSH })
  return { deflated, adler: adler32(raw) }
}

const ZEROS = Buffer.alloc(CHUNK_BYTES)
