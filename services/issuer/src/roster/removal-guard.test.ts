import t from 'tap'
import { isRemovalPlausible } from './removal-guard.ts'

const NOVEMBER = new Date('2026-11-24T09:00:00Z')

t.test('a twentieth of the school may leave at any time, one pupil more may not', async (t) => {
  t.ok(isRemovalPlausible({ pupils: 0, of: 0 }, NOVEMBER))
  t.ok(isRemovalPlausible({ pupils: 5, of: 100 }, NOVEMBER))
  t.notOk(isRemovalPlausible({ pupils: 6, of: 100 }, NOVEMBER))
  t.notOk(isRemovalPlausible({ pupils: 1, of: 12 }, NOVEMBER))
})

t.test('around the summer holidays everybody may leave', async (t) => {
  const half = { pupils: 50, of: 100 }
  for (const day of ['2026-07-15', '2026-08-20', '2026-09-15'])
    t.ok(isRemovalPlausible(half, new Date(`${day}T00:00:00Z`)), day)
  for (const day of ['2026-07-14', '2026-09-16']) t.notOk(isRemovalPlausible(half, new Date(`${day}T23:59:59Z`)), day)
})
