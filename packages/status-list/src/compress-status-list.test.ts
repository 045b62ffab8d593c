import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateSync, inflateSync } from 'node:zlib'
import t from 'tap'
import { adler32, combineAdler32 } from './adler32.ts'
import { compressStatusList } from './compress-status-list.ts'
import { CHUNK_BYTES, newBits, type StatusSize, setStatus } from './status-bits.ts'

type Vector = { name: string; bits: StatusSize; size: number; statuses: Record<string, number>; sha256: string }
const file = new URL('../../../tests/vectors/TSL/lists.json', import.meta.url)
const vectors = (JSON.parse(readFileSync(file, 'utf8')) as { lists: Vector[] }).lists

t.test('the lists of the draft, of 1, 2 and 4 bits, come out byte for byte', async (t) => {
  for (const { name, bits, size, statuses, sha256 } of vectors) {
    const list = newBits(size, bits)
    for (const [idx, value] of Object.entries(statuses)) setStatus(list, Number(idx), value)
    t.equal(createHash('sha256').update(list.bytes).digest('hex'), sha256, name)
    t.ok(inflateSync(compressStatusList(list)).equals(list.bytes), `${name}, compressed`)
  }
})

t.test('any inflate reads the stream, whatever the length of the list', async (t) => {
  for (const bytes of [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 100_001]) {
    const list = newBits(bytes * 8, 1)
    for (let idx = 0; idx < list.size; idx += 37) setStatus(list, idx, 1)
    const { buffer, engine } = inflateSync(compressStatusList(list), { info: true }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    t.ok(buffer.equals(list.bytes), `${bytes} bytes`)
    t.equal(engine.bytesWritten, compressStatusList(list).length, 'and nothing is left over')
  }
})

t.test('a flip compresses its own chunk again and no other, and is in the next stream', async (t) => {
  const list = newBits(5 * CHUNK_BYTES * 8, 1)
  setStatus(list, 3, 1)
  compressStatusList(list)
  const before = [...list.chunks]
  setStatus(list, 3 * CHUNK_BYTES * 8 + 5, 1)
  t.ok(inflateSync(compressStatusList(list)).equals(list.bytes))
  const again = list.chunks.map((chunk, i) => chunk !== before[i])
  t.same(again, [false, false, false, true, false])
  setStatus(list, 3, 1)
  compressStatusList(list)
  t.equal(list.chunks[0], before[0], 'setting what is set already costs nothing')
})

t.test('a list of a million statuses is compressed about as well as in one piece', async (t) => {
  const list = newBits(2 ** 20, 1)
  for (let i = 0, idx = 1; i < 10_000; i++, idx = (idx * 48_271) % 2_147_483_647) setStatus(list, idx % list.size, 1)
  t.ok(compressStatusList(list).length < 1.3 * deflateSync(list.bytes, { level: 9 }).length + 32 * 32)
})

t.test('the checksum of two pieces is that of the whole', async (t) => {
  t.equal(adler32(Buffer.from('Wikipedia')), 0x11e60398)
  t.equal(adler32(Buffer.alloc(0)), 1)
  const whole = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i + 7 * i) % 256))
  const reference = deflateSync(whole).readUInt32BE(deflateSync(whole).length - 4)
  t.equal(adler32(whole), reference)
  t.equal(adler32(Buffer.alloc(70_000, 255)), deflateSync(Buffer.alloc(70_000, 255)).subarray(-4).readUInt32BE())
  for (const at of [0, 1, 4096, 65_520, 65_521, 65_522, 131_072, 199_999, 200_000]) {
    const [head, tail] = [whole.subarray(0, at), whole.subarray(at)]
    t.equal(combineAdler32(adler32(head), adler32(tail), tail.length), reference, `cut at ${at}`)
  }
})
