import t from 'tap'
import { BoundedCache } from './jwt-profile.ts'

t.test('a value is made once, and the one unused for longest is forgotten first', async (t) => {
  const cache = new BoundedCache<string>(2)
  const made: string[] = []
  const get = (key: string) =>
    cache.get(key, () => {
      made.push(key)
      return `value of ${key}`
    })
  t.equal(get('a'), 'value of a')
  get('b')
  get('a')
  get('c')
  get('a')
  t.same(made, ['a', 'b', 'c'], 'a was used lately and is kept')
  get('b')
  t.same(made, ['a', 'b', 'c', 'b'], 'b was not and is made again')
})

t.test('what cannot be made is not kept', async (t) => {
  const cache = new BoundedCache<number>(1)
  t.throws(
    () =>
      cache.get('a', () => {
        throw new Error('not made')
      }),
    { message: 'not made' },
  )
  t.equal(
    cache.get('a', () => 1),
    1,
  )
})
