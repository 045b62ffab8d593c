import { sql } from '@samen/pg-kit'
import t from 'tap'
import { forgetSpentNonces } from '../src/nonce/forget-nonces.ts'
import { openNode } from './support/issuing-school.ts'
import { walletFor } from './support/playing-wallet.ts'

t.test('the nonce endpoint', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  const url = `/schools/${school.slug}/nonce`
  const spent = () => node.db(school.slug).one<{ count: number }>(sql`select count(*) from spent_nonce`)

  t.test('whatever is sent along, or nothing under any name, does not matter', async (t) => {
    const types = ['application/json', 'text/plain', 'application/octet-stream', 'application/x-www-form-urlencoded']
    const bodies = ['', '{}', '{', 'a=1&a=2', '\u0000']
    for (const type of [...types, 'application/jwt', 'image/png', undefined])
      for (const payload of bodies) {
        const headers = type === undefined ? {} : { 'content-type': type }
        const reply = await node.app.inject({ method: 'POST', url, headers, payload })
        t.equal(reply.statusCode, 200, `${type} ${JSON.stringify(payload)}`)
        t.match(reply.json(), { c_nonce: String })
      }
    const large = await node.app.inject({ method: 'POST', url, payload: 'x'.repeat(300_000) })
    t.equal(large.statusCode, 400, 'but nobody makes us read for long')
  })

  t.test('anybody gets a fresh nonce that nobody may keep, with POST only', async (t) => {
    const reply = await node.app.inject({ method: 'POST', url })
    t.equal(reply.statusCode, 200)
    t.equal(reply.headers['cache-control'], 'no-store')
    t.same(Object.keys(reply.json()), ['c_nonce'])
    t.equal((await node.app.inject({ method: 'POST', url, headers: { 'content-length': '0' } })).statusCode, 200)
    const get = await node.app.inject({ method: 'GET', url })
    t.equal(get.statusCode, 405)
    t.equal(get.headers.allow, 'POST')
    t.equal((await node.app.inject({ method: 'POST', url: '/schools/no-such-school/nonce' })).statusCode, 404)
  })

  t.test('a thousand draws are distinct, and a flood stores nothing', async (t) => {
    const values = new Set<string>()
    for (let i = 0; i < 1000; i++) values.add((await node.app.inject({ method: 'POST', url })).json().c_nonce)
    t.equal(values.size, 1000)
    t.same(await node.db(school.slug).one(sql`select count(*) from spent_nonce`), { count: 0 })
  })

  t.test('several proofs share one nonce, and it is spent by that', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const nonce = await wallet.nonce()
    const ask = (n: number) =>
      wallet.ask({
        credential_configuration_id: 'pupil',
        proofs: { jwt: Array.from({ length: n }, () => wallet.proof(nonce)) },
      })
    t.equal((await ask(5)).statusCode, 200)
    const replay = await ask(1)
    t.equal(replay.statusCode, 400)
    t.equal(replay.json().error, 'invalid_nonce')
    t.notMatch(replay.body, 'c_nonce"')
  })

  t.test('of ten requests with one nonce at the same moment one is served', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const nonce = await wallet.nonce()
    const replies = await Promise.all(
      Array.from({ length: 10 }, () =>
        wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(nonce)] } }),
      ),
    )
    t.equal(replies.filter((reply) => reply.statusCode === 200).length, 1)
    t.ok(replies.filter((reply) => reply.statusCode !== 200).every((reply) => reply.json().error === 'invalid_nonce'))
  })

  t.test('a nonce that is old, foreign or invented is invalid_nonce; a fresh one then works', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const ask = (nonce: string) =>
      wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(nonce)] } })
    const foreign = (await node.app.inject({ method: 'POST', url: `/schools/${other.slug}/nonce` })).json().c_nonce
    const old = await wallet.nonce()
    node.clock.advance(301)
    for (const nonce of [foreign, old, 'x'.repeat(48), 'n']) {
      const reply = await ask(nonce)
      t.equal(reply.statusCode, 400)
      t.equal(reply.json().error, 'invalid_nonce')
    }
    t.equal((await ask(await wallet.nonce())).statusCode, 200)
  })

  t.test('a request that was refused for its nonce left no intent and no place behind', async (t) => {
    t.same(await node.db(school.slug).one(sql`select count(*) from issuance where state = 'intended'`), { count: 0 })
    const { copies, places } = await node
      .db(school.slug)
      .one<Record<string, number>>(
        sql`select (select sum(copies) from issuance) as copies, (select count(*) from status_index) as places`,
      )
    t.equal(places, copies)
  })

  t.test('a spent nonce is not forgotten while a process with a slower clock would still take it', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const nonce = await wallet.nonce()
    const body = () => ({ credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(nonce)] } })
    t.equal((await wallet.ask(body())).statusCode, 200)
    const ahead = new Date(node.clock.now().getTime() + 310_000)
    await forgetSpentNonces({ ...node.deps, now: () => ahead })
    node.clock.advance(299)
    t.equal((await wallet.ask(body())).json().error, 'invalid_nonce')
  })

  t.test('what was spent is forgotten when no process would take it any more', async (t) => {
    await forgetSpentNonces(node.deps)
    t.not((await spent()).count, 0)
    node.clock.advance(362)
    await forgetSpentNonces(node.deps)
    t.same(await spent(), { count: 0 })
  })
})
