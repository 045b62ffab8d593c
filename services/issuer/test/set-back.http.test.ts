import { sql } from '@samen/pg-kit'
import { statusAt } from '@samen/status-list'
import t from 'tap'
import { jumpFenceAfterRestore } from '../src/status/jump-fence.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { checkNode } from './support/check-node.ts'
import {
  deskOrder,
  type IssuingNode,
  makeOffer,
  openNode,
  readCode,
  schoolOf,
  type TestSchool,
} from './support/issuing-school.ts'
import { createListReader, type Place } from './support/list-reader.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('a database that was set back', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { held, issue, isRevoked, published, read } = createListReader(node, school)

  t.test('is none at a first start, a restart, or after any look at a sound one', async (t) => {
    for (const when of ['first start', 'restart', 'timer']) t.equal(await jumpFenceAfterRestore(node.deps), false, when)
  })

  t.test(
    'leaves no code and no token of before alive, without a restart, and gives no place of before again',
    async (t) => {
      const { place } = await issue()
      const open = await makeOffer(node, school, deskOrder('anna'))
      const code = await readCode(node, open)
      const { wallet } = await walletFor(node, school, 'anna')
      await setBack(node)
      t.equal(await jumpFenceAfterRestore(node.deps), true, 'the database has counted less than we have')
      t.equal((await new TestWallet(node, school).redeem(code, open.tx_code)).json().error, 'invalid_grant')
      t.equal((await wallet.askFor('pupil')).json().error, 'invalid_token')
      const after = await issue()
      t.not(after.place.uri, place.uri)
      t.notOk(await isRevoked(place), 'a copy that the database remembers stays valid')
      t.notOk(await isRevoked(after.place))
      t.equal(await jumpFenceAfterRestore(node.deps), false, 'once')
    },
  )

  t.test('is also another server, another history of it, or a restored dump', async (t) => {
    const mark = await node.deps.databaseMark.read()
    if (mark === undefined) throw new Error('nothing was noted')
    await node.deps.databaseMark.write({ ...mark, identity: 'another/00000001/2' })
    t.equal(await jumpFenceAfterRestore(node.deps), true)
    t.equal(await jumpFenceAfterRestore(node.deps), false)
    const { timeline } = await node
      .db(school.slug)
      .one<{ timeline: number }>(sql`select timeline_id as timeline from pg_control_checkpoint()`)
    const [, hex = ''] = mark.identity.split('/')
    t.equal(Number.parseInt(hex, 16), timeline, 'the history stands in it')
  })

  t.test(
    'brings no revoked copy back to life: not before it is noticed, not after, not in another process',
    async (t) => {
      const revoked = await issue(2)
      await revoke(node, school, revoked.id)
      await t.resolves(published(revoked.place))
      const valid = await issue()
      // The backup was made before the revocation.
      await node.db(school.slug).run(sql`
      update issuance set state = 'delivered', revoked_at = null where id = ${revoked.id}`)
      await node.db(school.slug).run(sql`update status_list set version = gen_random_uuid()`)
      await node.deps.statusLists.refreshAll()
      for (const place of revoked.places) t.ok(await isRevoked(place), 'before it is noticed')
      const restarted = createStatusLists(node.deps)
      await restarted.refreshAll()
      t.ok(await isRevokedIn(restarted, revoked.place), 'after a restart')
      await setBack(node)
      t.equal(await jumpFenceAfterRestore(node.deps), true)
      for (const place of revoked.places) t.ok(await isRevoked(place), 'after it was noticed')
      t.notOk(await isRevoked(valid.place))
      const { state } = await node
        .db(school.slug)
        .one<{ state: string }>(sql`select state from issuance where id = ${revoked.id}`)
      t.equal(state, 'revoked', 'the school sees it too, and so do processes with another data directory')
    },
  )

  t.test('lets no copy be valid that it has forgotten and that nobody could revoke', async (t) => {
    const known = await issue()
    const { uri } = known.place
    const list = uri.split('/').at(-1) ?? ''
    const rows = await node
      .db(school.slug)
      .many<{ idx: number }>(sql`select idx from status_index where list = ${list}`)
    const taken = new Set(rows.map(({ idx }) => idx))
    const forgotten = { uri, idx: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((idx) => !taken.has(idx)) ?? 0 }
    t.notOk(await isRevoked(forgotten))
    await setBack(node)
    await jumpFenceAfterRestore(node.deps)
    t.ok(await isRevoked(forgotten))
    t.notOk(await isRevoked(known.place))
    const { place } = await issue()
    t.not(place.uri, uri)
    t.notOk(await isRevoked({ uri: place.uri, idx: place.idx ^ 1 }), 'the new list is an ordinary one')
  })

  t.test(
    'in the end every code gave one token, every copy has its intent and place, and what is revoked is published',
    async (t) => {
      t.same(await checkNode(node, held), [])
    },
  )

  const isRevokedIn = async (lists: ReturnType<typeof createStatusLists>, { uri, idx }: Place) => {
    const found = await lists.find(await schoolOf(node.deps, school.slug), uri.split('/').at(-1) ?? '')
    return statusAt(read(found?.token ?? '', uri), idx) === 1
  }
})

/** As if the database had lost its last hours. */
async function setBack(node: IssuingNode): Promise<void> {
  const mark = await node.deps.databaseMark.read()
  if (mark === undefined) throw new Error('nothing was noted')
  await node.deps.databaseMark.write({ ...mark, noted: mark.noted + 1_000 })
}

function revoke(node: IssuingNode, school: TestSchool, id: string) {
  return node.app.inject({
    method: 'POST',
    url: `/v1/schools/${school.slug}/credentials/${id}/revocation`,
    headers: { authorization: `Bearer ${school.apiKey}` },
  })
}
