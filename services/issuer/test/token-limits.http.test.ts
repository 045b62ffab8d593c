import { hash } from 'node:crypto'
import { sql } from '@samen/pg-kit'
import { newSecret } from '@samen/sealing'
import t from 'tap'
import { deskOrder, makeOffer, openNode, readCode, type TestSchool } from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'

t.test('how often a token may be asked for', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  for (const one of [school, other]) await one.addPupil('anna')
  const offered = async (one = school) => {
    const offer = await makeOffer(node, one, deskOrder('anna'))
    return { code: await readCode(node, offer), txCode: offer.tx_code }
  }
  const redeem = (code: string, txCode?: string, one = school) => new TestWallet(node, one).redeem(code, txCode)

  t.test('whoever hammers one code has to wait a minute; the other families of the school do not', async (t) => {
    const { code, txCode } = await offered()
    for (let i = 0; i < 60; i++) t.equal((await redeem(code)).statusCode, 400)
    const reply = await redeem(code, txCode)
    t.equal(reply.statusCode, 429)
    t.ok(Number(reply.headers['retry-after']) <= 60)
    t.equal(reply.json().error, 'temporarily_unavailable')
    const neighbour = await offered()
    t.equal((await redeem(neighbour.code, neighbour.txCode)).statusCode, 200)
    node.clock.advance(60)
    t.equal((await redeem(code, txCode)).statusCode, 200, 'and the code is still good')
  })

  t.test('a flood at one school is turned away and leaves the other schools of the node alone', async (t) => {
    await flood(school, 2_999)
    const first = await offered()
    t.equal((await redeem(first.code, first.txCode)).statusCode, 200)
    const second = await offered()
    const reply = await redeem(second.code, second.txCode)
    t.equal(reply.statusCode, 429)
    t.ok(reply.headers['retry-after'])
    const elsewhere = await offered(other)
    t.equal((await redeem(elsewhere.code, elsewhere.txCode, other)).statusCode, 200)
    node.clock.advance(60)
    t.equal((await redeem(second.code, second.txCode)).statusCode, 200)
  })

  t.test('codes that nobody made are refused, count for nobody and leave nothing behind', async (t) => {
    const counters = () => node.deps.db.many<{ row: string }>(sql`select q::text as row from quota q order by key_hash`)
    node.clock.advance(60)
    await flood(school, 2_999)
    const before = await counters()
    const invented = [newSecret(32), newSecret(48), 'x', ...['', 'A', '='].map((end) => `${newSecret(16)}${end}`)]
    const { code } = await offered(other)
    for (const wrong of [...invented, code, `${code}A`, code.slice(1)]) {
      const reply = await redeem(wrong, '123456')
      t.equal(reply.statusCode, 400)
      t.equal(reply.json().error, 'invalid_grant')
    }
    t.same(await counters(), before)
    const family = await offered()
    t.equal((await redeem(family.code, family.txCode)).statusCode, 200, 'a flood of them keeps no family waiting')
  })

  /** So many requests were served in this minute, by whichever processes. */
  const flood = ({ slug }: TestSchool, used: number) => {
    const minute = Math.floor(node.clock.now().getTime() / 60_000) * 60
    return node.deps.db.run(sql`
      insert into quota (key_hash, window_start, used) values (${hash('sha256', `token/${slug}`, 'buffer')}, ${minute}, ${used})
      on conflict (key_hash) do update set window_start = excluded.window_start, used = excluded.used`)
  }
})
