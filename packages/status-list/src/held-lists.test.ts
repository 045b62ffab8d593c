import t from 'tap'
import { lstOf, SCHOOL, SECONDS, URI } from '../test/forge-list.ts'
import { openCache as open } from '../test/open-cache.ts'
import { StatusListError } from './status-list-error.ts'

t.test('no more is held than there is room for: the list that nobody asked for goes', async (t) => {
  // Two lists of two bytes.
  const { cache, state, statusOf } = open({}, { maxBytes: 4 })
  for (const n of [1, 2, 1, 3]) await statusOf(0, `${URI}${n}`)
  t.equal(state.fetched.length, 3)
  t.equal(cache.liveUntil(`${URI}2`), undefined)
  t.same(state.dropped, [SCHOOL], 'and it is told, since a question will fetch it')
  t.ok(cache.liveUntil(`${URI}1`) && cache.liveUntil(`${URI}3`))
  cache.forget(`${URI}1`)
  t.equal(cache.liveUntil(`${URI}1`), undefined)
})

t.test(
  'a school with more lists than it has room for is not asked for one more: else each question would ask it, and tell it',
  async (t) => {
    for (const limit of [{ maxBytesPerOwner: 4 }, { maxBytesPerOwner: 3 }, { maxListsPerOwner: 2 }]) {
      const { cache, state, pass, statusOf, refresh } = open({ ttl: 30 }, limit)
      for (const n of [1, 2]) await statusOf(0, `${URI}${n}`)
      await t.rejects(statusOf(0, `${URI}3`), new StatusListError('too_many_lists'))
      await t.rejects(refresh(`${URI}3`), new StatusListError('too_many_lists'))
      t.equal(await statusOf(0, `${URI}1`), 0, 'and pushes out none')
      t.equal(await statusOf(0, `${URI}2`), 0)
      t.equal(state.fetched.length, 2)
      pass(15)
      await cache.refreshDue()
      t.equal(state.fetched.length, 4, 'those that are held are asked for again, in their own place')
      cache.forget(`${URI}1`)
      t.equal(await statusOf(0, `${URI}3`), 0, 'a list that went leaves room')
    }
  },
)

t.test('a list that grows takes no more than the room of its own school', async (t) => {
  const { cache, state, statusOf, refresh } = open({}, { maxBytesPerOwner: 8 })
  for (const n of [1, 2]) await statusOf(0, `${URI}${n}`)
  state.reply = { status_list: { bits: 1, lst: lstOf(Buffer.alloc(9)) } }
  await refresh(`${URI}1`)
  await t.rejects(refresh(`${URI}2`), new StatusListError('too_many_lists'))
  t.equal(await statusOf(15, `${URI}2`), 1, 'as it was')
  t.equal(await statusOf(71, `${URI}1`), 0)
  cache.forget(`${URI}1`)
  await refresh(`${URI}2`)
  t.equal(await statusOf(71, `${URI}2`), 0)
})

t.test('of many new lists at once no more are kept than fit', async (t) => {
  const { cache, statusOf } = open({}, { maxListsPerOwner: 2 })
  const uris = [1, 2, 3, 4].map((n) => `${URI}${n}`)
  const asked = await Promise.allSettled(uris.map((uri) => statusOf(0, uri)))
  t.equal(asked.filter(({ status }) => status === 'fulfilled').length, 2)
  t.equal(uris.filter((uri) => cache.liveUntil(uri) !== undefined).length, 2)
})

t.test('a publisher that wants to be asked every second is not', async (t) => {
  for (const claims of [{ ttl: 1 }, { exp: SECONDS + 1 }]) {
    const { cache, state, pass, statusOf } = open(claims, { minTtlSeconds: 10 })
    await statusOf(0)
    pass(4)
    await cache.refreshDue()
    t.equal(state.fetched.length, 1)
    pass(1)
    await cache.refreshDue()
    t.equal(state.fetched.length, 2)
  }
})
