/** The largest prime below 2^16. RFC 1950, section 8.2 */
const BASE = 65_521
/** So many bytes can be added before a sum leaves 32 bits. */
const RUN_BYTES = 3_840

/** The Adler-32 checksum of some bytes. */
export function adler32(bytes: Uint8Array): number {
  let low = 1
  let high = 0
  for (let start = 0; start < bytes.length; start += RUN_BYTES) {
    const end = Math.min(start + RUN_BYTES, bytes.length)
    for (let i = start; i < end; i++) {
      low += bytes[i] as number
      high += low
    }
    low %= BASE
    high %= BASE
  }
  return high * 65_536 + low
}

/** The checksum of two pieces one after the other, from their own checksums and the length of the second. */
export function combineAdler32(first: number, second: number, secondLength: number): number {
  const firstLow = first % 65_536
  // The second piece began with low = 1 and high = 0; in truth it began with what the first had reached.
  const low = (firstLow + (second % 65_536) - 1 + BASE) % BASE
  const carried = (secondLength % BASE) * ((firstLow - 1 + BASE) % BASE)
  const high = (Math.floor(first / 65_536) + Math.floor(second / 65_536) + carried) % BASE
  return high * 65_536 + low
}
