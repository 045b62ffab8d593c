import t from 'tap'
import { newBits, type PackedStatuses, type StatusSize, setStatus, statusAt } from './status-bits.ts'
import { StatusListError } from './status-list-error.ts'

function list(bits: StatusSize, values: readonly number[]) {
  const made = newBits(values.length, bits)
  for (const [idx, value] of values.entries()) setStatus(made, idx, value)
  return made
}
const all = (packed: PackedStatuses) => Array.from({ length: packed.size }, (_, idx) => statusAt(packed, idx))

t.test('statuses are packed from the least significant bit, as the draft shows it', async (t) => {
  const one = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
  t.equal(list(1, one).bytes.toString('hex'), 'b9a3')
  const two = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
  t.equal(list(2, two).bytes.toString('hex'), 'c944f9')
  t.same(all(list(1, one)), one)
  t.same(all(list(2, two)), two)
})

t.test('every width keeps every value, and no neighbour changes', async (t) => {
  for (const bits of [1, 2, 4, 8] as const) {
    const values = Array.from({ length: 40 }, (_, i) => (i * 7) % 2 ** bits)
    const made = list(bits, values)
    t.same(all(made), values, `${bits} bits`)
    setStatus(made, 13, 1)
    setStatus(made, 14, 0)
    t.same(all(made), values.with(13, 1).with(14, 0), `${bits} bits, changed`)
  }
})

t.test('a place outside the list, or no place at all, is refused', async (t) => {
  const made = newBits(10, 1)
  t.equal(statusAt(made, 9), 0)
  for (const idx of [10, 15, -1, 1.5, Number.NaN, 2 ** 53, '1', undefined, null]) {
    const refusal = new StatusListError('index_out_of_range')
    t.throws(() => statusAt(made, idx as number), refusal, String(idx))
    t.throws(() => setStatus(made, idx as number, 0), refusal, String(idx))
  }
})

t.test('a value that does not fit is not cut down to one that does', async (t) => {
  for (const value of [2, -1, 0.5, 256]) {
    t.throws(() => setStatus(newBits(8, 1), 0, value), new StatusListError('value_out_of_range'), String(value))
  }
  t.throws(() => newBits(8, 3 as StatusSize), new StatusListError('unsupported_bits'))
  for (const size of [0, -1, 1.5]) t.throws(() => newBits(size, 1), new StatusListError('value_out_of_range'))
})
