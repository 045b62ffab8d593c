import { randomFillSync } from 'node:crypto'

const POOL_SIZE = 8192
const pool = Buffer.alloc(POOL_SIZE)
let next = POOL_SIZE

/**
 * Random bytes of the operating system's quality, fetched in large portions because each call costs more than its bytes.
 * In: how many. Out: that many bytes; what was handed out is wiped here, so that memory holds no second copy.
 */
export function pooledRandom(size: number): Buffer {
  if (size > POOL_SIZE) return randomFillSync(Buffer.alloc(size))
  if (next + size > POOL_SIZE) {
    randomFillSync(pool)
    next = 0
  }
  const bytes = Buffer.from(pool.subarray(next, next + size))
  pool.fill(0, next, next + size)
  next += size
  return bytes
}
