import t from 'tap'
import { boundedMap } from './bounded-map.ts'

t.test('the entry that nobody asked for is let go first, and never more are held than said', async (t) => {
  const map = boundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  t.equal(map.get('a'), 1)
  map.set('c', 3)
  t.same(map.all(), [
    ['a', 1],
    ['c', 3],
  ])
  map.delete('a')
  t.equal(map.get('a'), undefined)
})
