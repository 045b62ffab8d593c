import t from 'tap'
import { NOW, SCHOOL, SECONDS, URI } from '../test/forge-list.ts'
import { flagged, openCache as open } from '../test/open-cache.ts'
import { StatusListError } from './status-list-error.ts'

const down = new Error('connection refused')
const expired = new StatusListError('expired')

t.test("a revoked credential is refused once its list's ttl is over", async (t) => {
  const { cache, state, pass, statusOf } = open({ ttl: 30, ...flagged(6) })
  t.equal(await statusOf(5), 0)
  state.reply = { ttl: 30, ...flagged(5) }
  pass(14)
  await cache.refreshDue()
  t.equal(state.fetched.length, 1, 'not before half of it')
  pass(1)
  await cache.refreshDue()
  t.equal(await statusOf(5), 1)
  await cache.refreshDue()
  t.equal(state.fetched.length, 2)
})

t.test('no question makes a connection but the first about a list that was never seen', async (t) => {
  const { state, pass, statusOf } = open({ ttl: 5, exp: SECONDS + 60 })
  await statusOf(0)
  for (const seconds of [5, 30, 24]) {
    pass(seconds)
    t.equal(await statusOf(0), 0)
  }
  pass(1)
  await t.rejects(statusOf(0), expired)
  t.equal(state.fetched.length, 1)
})

t.test('absurd times to live are brought within bounds', async (t) => {
  for (const ttl of [0, -1]) {
    const { cache, state, pass, statusOf } = open({ ttl })
    await statusOf(0)
    await cache.refreshDue()
    t.equal(state.fetched.length, 1, `ttl ${ttl} does not ask all the time`)
    pass(1)
    await cache.refreshDue()
    t.equal(state.fetched.length, 2)
  }
  for (const ttl of [1e12, undefined]) {
    const { cache, state, pass, statusOf } = open({ ttl, exp: SECONDS + 30 * 86_400 })
    await statusOf(0)
    pass(21_599)
    await cache.refreshDue()
    t.equal(state.fetched.length, 1)
    pass(1)
    await cache.refreshDue()
    t.equal(state.fetched.length, 2, `ttl ${ttl} does not last for ever`)
  }
})

t.test('a list that ends before its time to live is over is asked for again at half its life', async (t) => {
  const { cache, state, pass, statusOf } = open({ ttl: 1e12, exp: SECONDS + 10 })
  await statusOf(0)
  pass(5)
  state.reply = { ttl: 1e12, exp: SECONDS + 15 }
  await cache.refreshDue()
  pass(9)
  t.equal(await statusOf(0), 0)
})

t.test('a publisher that is away is forgiven until the list ends, and then nobody is valid any more', async (t) => {
  const { cache, state, pass, statusOf, refresh } = open({ ttl: 5, exp: SECONDS + 10 })
  await t.rejects(open(down).statusOf(0), down)
  await statusOf(0)
  state.reply = down
  pass(9)
  await t.resolves(cache.refreshDue(), 'a list that fails stays as it is')
  t.equal(await statusOf(0), 0)
  await t.rejects(refresh(), down, 'but who refreshes hears of it')
  pass(1)
  await t.rejects(statusOf(0), expired)
  t.same(cache.liveUntil(URI), new Date(NOW.getTime() + 10_000), 'when it ended is still known')
  t.equal(cache.liveUntil(`${URI}0`), undefined)
  state.reply = {}
  await cache.refreshDue()
  t.equal(await statusOf(0), 0, 'and when it is back, it is believed again')
})

t.test('a list with a longer lease is cut to ten seconds', async (t) => {
  const { cache, state, pass, statusOf, refresh } = open({ exp: SECONDS + 86_400 }, { maxLifetimeSeconds: 10 })
  await refresh()
  t.same(cache.liveUntil(URI), new Date(NOW.getTime() + 10_000))
  state.reply = down
  pass(10)
  await t.rejects(statusOf(0), expired)
})

t.test('a bad list answers nothing and replaces nothing', async (t) => {
  const { cache, state, pass, statusOf, refresh } = open({ sub: 'https://evil.example/1' })
  await t.rejects(statusOf(0), new StatusListError('wrong_uri'))
  t.equal(cache.liveUntil(URI), undefined)
  state.reply = flagged(3)
  await refresh()
  state.reply = { exp: SECONDS - 1 }
  await t.rejects(refresh(), expired)
  pass(60)
  t.equal(await statusOf(3), 1)
})

t.test('a list speaks for the member that signed it, and not for one whose address it is part of', async (t) => {
  const { cache, refresh } = open()
  for (const owner of ['https://issuer.example', `${SCHOOL}/`, 'https://issuer.example/schools/de']) {
    await t.rejects(cache.statusOf(owner, URI, 0), new StatusListError('untrusted_key'), owner)
  }
  t.equal(cache.liveUntil(URI), undefined)
  await refresh()
  await t.rejects(
    cache.statusOf('https://issuer.example', URI, 0),
    new StatusListError('untrusted_key'),
    'nor when held',
  )
})

t.test('an older list never replaces a newer one, so that no withdrawal is undone', async (t) => {
  const { state, pass, statusOf, refresh } = open(flagged(3))
  pass(100)
  await refresh()
  state.reply = { iat: SECONDS + 99 }
  await refresh()
  t.equal(await statusOf(3), 1, 'older by a second')
  state.reply = { iat: SECONDS + 100 }
  await refresh()
  t.equal(await statusOf(3), 0, 'signed in the same second and fetched later')
  state.reply = { iat: SECONDS }
  pass(3600)
  await t.rejects(refresh(), expired)
  await t.rejects(statusOf(3), expired, 'an old one does not revive a dead one')
})

t.test('a publisher whose clock is ahead does not stretch its lease', async (t) => {
  const { cache, state, pass, statusOf, refresh } = open({ iat: SECONDS + 25, exp: SECONDS + 35, ttl: 1 })
  await refresh()
  t.same(cache.liveUntil(URI), new Date(NOW.getTime() + 10_000))
  state.reply = down
  pass(10)
  await t.rejects(statusOf(0), expired)
})

t.test('many questions at once make one fetch', async (t) => {
  const { cache, state, pass, statusOf, refresh } = open(flagged(1))
  const answers = await Promise.all(Array.from({ length: 50 }, () => statusOf(1)))
  t.same(new Set(answers), new Set([1]))
  pass(1800)
  await Promise.all([refresh(), refresh(), cache.refreshDue()])
  t.equal(state.fetched.length, 2)
})

t.test('lists are refreshed on a timer, whole, whether somebody asked or not', async (t) => {
  const { cache, state, pass, refresh } = open({ ttl: 60 })
  const uris = [1, 2, 3].map((n) => `${SCHOOL}/status-lists/${n}`)
  for (const uri of uris) await refresh(uri)
  pass(30)
  await cache.refreshDue()
  t.same(state.fetched.slice(3), uris)
})

t.test('a place outside the list is refused, and not fetched for again', async (t) => {
  const { state, statusOf } = open()
  for (const idx of [16, -1, 1.5, '3']) {
    await t.rejects(statusOf(idx as number), new StatusListError('index_out_of_range'), String(idx))
  }
  t.equal(state.fetched.length, 1)
})
