import t from 'tap'
import {
  ANCHOR,
  anchorClaims,
  anchorOf,
  type Claims,
  EPOCH,
  entity,
  NOW,
  signStatement,
} from '../test/mint-federation.ts'
import { createAnchorEndpoints } from './anchor-endpoints.ts'

const anchor = entity(ANCHOR)
const elsewhere = (place: string, iat = EPOCH - 60): Claims => ({
  iat,
  metadata: {
    federation_entity: {
      federation_fetch_endpoint: `${place}/statements?tree=a`,
      federation_list_endpoint: `${place}/members`,
      federation_trust_mark_endpoint: `${place}/marks`,
    },
  },
})
const tell = (claims: Claims = {}, by = anchor) => signStatement(by.key, { ...anchorClaims(anchor), ...claims })
const UNREACHABLE = { name: 'TrustError', code: 'unreachable' }

/** An anchor that says `state.told`, or nothing, and a clock. */
function open(told = tell()) {
  const state = { told: told as string | undefined, now: NOW, asked: [] as string[] }
  const endpoints = createAnchorEndpoints({
    anchor: anchorOf(anchor),
    now: () => state.now,
    fetchText: async (url) => {
      state.asked.push(url)
      if (state.told === undefined) throw new Error('connection refused')
      return state.told
    },
  })
  const wait = (seconds: number) => {
    state.now = new Date(state.now.getTime() + seconds * 1_000)
  }
  return { state, endpoints, wait, list: async () => (await endpoints()).list() }
}

t.test('the anchor says where it is asked, wherever that is', async (t) => {
  const { state, endpoints } = open(tell(elsewhere('https://federation.example/v2')))
  const { list, statement, trustMark } = await endpoints()
  t.equal(list(), 'https://federation.example/v2/members')
  t.equal(
    statement({ sub: 'https://a.example/b' }),
    'https://federation.example/v2/statements?tree=a&sub=https%3A%2F%2Fa.example%2Fb',
  )
  t.equal(
    trustMark({ trust_mark_type: 'urn:x', sub: 'https://a.example' }),
    'https://federation.example/v2/marks?trust_mark_type=urn%3Ax&sub=https%3A%2F%2Fa.example',
  )
  t.same(state.asked, [`${ANCHOR}/.well-known/openid-federation`])
})

t.test('only the keys of the anchor file speak for the anchor', async (t) => {
  const stranger = entity(ANCHOR)
  const renamed = { id: ANCHOR, key: { ...stranger.key, kid: anchor.key.kid } }
  for (const told of [
    '<html>',
    tell({}, stranger),
    tell({}, renamed),
    tell({ exp: EPOCH - 60 }),
    tell({ metadata: {} }),
  ]) {
    await t.rejects(open(told).endpoints(), UNREACHABLE)
  }
  await t.rejects(open(tell({ sub: 'https://other.example' })).endpoints(), UNREACHABLE)
  const { trustMark } = await open(
    tell({
      metadata: {
        federation_entity: {
          federation_fetch_endpoint: `${ANCHOR}/fetch`,
          federation_list_endpoint: `${ANCHOR}/list`,
        },
      },
    }),
  ).endpoints()
  t.throws(() => trustMark({ trust_mark_type: 'a', sub: 'b' }), UNREACHABLE, 'an anchor that names no such endpoint')
})

t.test('it is asked once in ten minutes, by all who wait for it together', async (t) => {
  const { state, list, wait } = open()
  await Promise.all([list(), list(), list()])
  wait(599)
  await list()
  t.equal(state.asked.length, 1)
  wait(1)
  state.told = tell(elsewhere('https://new.example', EPOCH))
  t.equal(await list(), 'https://new.example/members')
  t.equal(state.asked.length, 2)
})

t.test(
  'an older word never replaces a newer one, and silence changes nothing before the last word has run out',
  async (t) => {
    const { state, list, wait } = open(tell(elsewhere('https://new.example')))
    await list()
    wait(600)
    state.told = tell(elsewhere('https://old.example', EPOCH - 120))
    t.equal(await list(), 'https://new.example/members')
    state.told = undefined
    wait(600)
    t.equal(await list(), 'https://new.example/members')
    await list()
    t.equal(state.asked.length, 3, 'and is not asked again at once')
    wait(86_400)
    await t.rejects(list(), UNREACHABLE)
  },
)

t.test('an anchor that was silent from the beginning is asked again at the next question', async (t) => {
  const { state, list } = open()
  state.told = undefined
  await t.rejects(list(), UNREACHABLE)
  state.told = tell()
  t.equal(await list(), `${ANCHOR}/list`)
})
