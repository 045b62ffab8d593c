import t from 'tap'
import { forgeList, keyFor, lstOf, NOW, SECONDS, URI } from '../test/forge-list.ts'
import { createStatusListCache } from './status-list-cache.ts'
import { StatusListError } from './status-list-error.ts'

type Claims = Record<string, unknown>

/** A publisher, a clock and a cache between them. `publish` decides what the next fetch gets. */
function open(claims: Claims | Error = {}, maxLists = 10) {
  const state = { now: NOW, fetched: [] as string[], reply: claims }
  const cache = createStatusListCache({
    now: () => state.now,
    keyFor,
    maxLists,
    fetchToken: async (uri) => {
      state.fetched.push(uri)
      await new Promise((resolve) => setImmediate(resolve))
      if (state.reply instanceof Error) throw state.reply
      return forgeList({
        claims: {
          sub: uri,
          iat: secondsOf(state.now),
          exp: secondsOf(state.now) + 3600,
          ...flagged(15),
          ...state.reply,
        },
      })
    },
  })
  const pass = (seconds: number) => {
    state.now = new Date(state.now.getTime() + seconds * 1000)
  }
  return { cache, state, pass }
}
const secondsOf = (time: Date) => Math.floor(time.getTime() / 1000)
const flagged = (idx: number) => {
  const bytes = Buffer.alloc(2)
  bytes[idx >> 3] = 1 << (idx % 8)
  return { status_list: { bits: 1, lst: lstOf(bytes) } }
}
const down = new Error('connection refused')

t.test('SV-07: one fetch answers until the time to live is over', async (t) => {
  const { cache, state, pass } = open({ ttl: 60, ...flagged(5) })
  t.equal(await cache.statusOf(URI, 5), 1)
  t.equal(await cache.statusOf(URI, 4), 0)
  pass(59)
  await cache.statusOf(URI, 5)
  t.equal(state.fetched.length, 1)
  pass(1)
  state.reply = { ttl: 60, ...flagged(6) }
  t.equal(await cache.statusOf(URI, 5), 0)
  t.equal(state.fetched.length, 2)
})

t.test('SV-07: absurd times to live are brought within bounds, and none goes beyond the end', async (t) => {
  for (const ttl of [0, -1]) {
    const { cache, state, pass } = open({ ttl })
    await cache.statusOf(URI, 0)
    await cache.statusOf(URI, 0)
    t.equal(state.fetched.length, 1, `ttl ${ttl} does not ask all the time`)
    pass(1)
    await cache.statusOf(URI, 0)
    t.equal(state.fetched.length, 2)
  }
  for (const ttl of [1e12, undefined]) {
    const { cache, state, pass } = open({ ttl, exp: SECONDS + 30 * 86_400 })
    await cache.statusOf(URI, 0)
    pass(43_199)
    await cache.statusOf(URI, 0)
    t.equal(state.fetched.length, 1)
    pass(1)
    await cache.statusOf(URI, 0)
    t.equal(state.fetched.length, 2, `ttl ${ttl} does not last for ever`)
  }
  const { cache, state, pass } = open({ ttl: 1e12, exp: SECONDS + 10 })
  await cache.statusOf(URI, 0)
  pass(10)
  state.reply = down
  await t.rejects(cache.statusOf(URI, 0), down)
})

t.test('a publisher that is away is forgiven until the list ends, and then nobody is valid any more', async (t) => {
  const { cache, state, pass } = open({ ttl: 5, exp: SECONDS + 10 })
  await t.rejects(open(down).cache.statusOf(URI, 0), down)
  await cache.statusOf(URI, 0)
  state.reply = down
  pass(9)
  t.equal(await cache.statusOf(URI, 0), 0)
  await t.rejects(cache.refresh(URI), down, 'but who refreshes hears of it')
  pass(1)
  await t.rejects(cache.statusOf(URI, 0), down)
  t.same(cache.liveUntil(URI), new Date(NOW.getTime() + 10_000), 'when it ended is still known')
  t.equal(cache.liveUntil(`${URI}0`), undefined)
})

t.test('SV-02: a bad list answers nothing and replaces nothing', async (t) => {
  const { cache, state, pass } = open({ sub: 'https://evil.example/1' })
  await t.rejects(cache.statusOf(URI, 0), new StatusListError('wrong_uri'))
  t.equal(cache.liveUntil(URI), undefined)
  state.reply = flagged(3)
  await cache.refresh(URI)
  state.reply = { exp: SECONDS - 1 }
  await t.rejects(cache.refresh(URI), new StatusListError('expired'))
  pass(60)
  t.equal(await cache.statusOf(URI, 3), 1)
})

t.test('an older list never replaces a newer one, so that no withdrawal is undone', async (t) => {
  const { cache, state, pass } = open(flagged(3))
  pass(100)
  await cache.refresh(URI)
  state.reply = { iat: SECONDS + 99 }
  await cache.refresh(URI)
  t.equal(await cache.statusOf(URI, 3), 1, 'older by a second')
  state.reply = { iat: SECONDS + 100 }
  await cache.refresh(URI)
  t.equal(await cache.statusOf(URI, 3), 0, 'signed in the same second and fetched later')
  state.reply = { iat: SECONDS }
  pass(3600)
  await t.rejects(cache.statusOf(URI, 3), new StatusListError('expired'), 'an old one does not revive a dead one')
})

t.test('a publisher whose clock is ahead does not stretch its lease', async (t) => {
  const { cache, state, pass } = open({ iat: SECONDS + 25, exp: SECONDS + 35, ttl: 1 })
  await cache.refresh(URI)
  t.same(cache.liveUntil(URI), new Date(NOW.getTime() + 10_000))
  state.reply = down
  pass(10)
  await t.rejects(cache.statusOf(URI, 0), down)
})

t.test('many questions at once make one fetch', async (t) => {
  const { cache, state } = open(flagged(1))
  const answers = await Promise.all(Array.from({ length: 50 }, () => cache.statusOf(URI, 1)))
  t.same(new Set(answers), new Set([1]))
  await Promise.all([cache.refresh(URI), cache.refresh(URI), cache.refreshAll()])
  t.equal(state.fetched.length, 2)
})

t.test('lists are refreshed on a timer, whole, whether somebody asked or not', async (t) => {
  const { cache, state, pass } = open({ ttl: 60 })
  const uris = [1, 2, 3].map((n) => `https://issuer.example/schools/de-eik/status-lists/${n}`)
  for (const uri of uris) await cache.refresh(uri)
  pass(50)
  await cache.refreshAll()
  t.same(state.fetched.slice(3), uris)
  state.reply = down
  await t.resolves(cache.refreshAll(), 'a list that fails stays as it is')
  pass(50)
  t.equal(await cache.statusOf(uris[0] as string, 0), 0)
})

t.test('no more lists are held than allowed: the one that nobody asked for goes', async (t) => {
  const { cache, state } = open({}, 2)
  for (const n of [1, 2, 1, 3]) await cache.statusOf(`${URI}${n}`, 0)
  t.equal(state.fetched.length, 3)
  t.equal(cache.liveUntil(`${URI}2`), undefined)
  t.ok(cache.liveUntil(`${URI}1`) && cache.liveUntil(`${URI}3`))
})

t.test('SV-03: a place outside the list is refused, and not fetched for again', async (t) => {
  const { cache, state } = open()
  for (const idx of [16, -1, 1.5, '3']) {
    await t.rejects(cache.statusOf(URI, idx as number), new StatusListError('index_out_of_range'), String(idx))
  }
  t.equal(state.fetched.length, 1)
})
