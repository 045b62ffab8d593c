import { type Db, sql } from '@samen/pg-kit'
import t from 'tap'
import { markDelivered } from '../src/credential/credential.sql.ts'
import { handOver, takeBack } from '../src/credential/hand-over.ts'
import { issueCredential } from '../src/credential/issue-credential.ts'
import { revokeUndelivered } from '../src/credential/revoke-credential.ts'
import { authenticateWallet } from '../src/token/authenticate-wallet.ts'
import { checkNode } from './support/check-node.ts'
import { deskOrder, makeOffer, openNode, schoolOf } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('issuing that is interrupted', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { held, issue, placeOf, published } = createListReader(node, school)

  t.test(
    'copies that were written down and never handed over are revoked by the sweep, and not handed over after it',
    async (t) => {
      const offer = await makeOffer(node, school, deskOrder('anna'))
      const wallet = await new TestWallet(node, school).take(offer)
      // What a process leaves behind that dies between the claim and the hand-over.
      const dying = { ...node.deps, random: dyingWhileSigning(node.deps.random) }
      const jwt = [wallet.proof(await wallet.nonce()), wallet.proof(await wallet.nonce())]
      const body = { credential_configuration_id: 'pupil', proofs: { jwt } }
      const request = { ...wallet.headers('credential'), endpoint: 'credential' } as const
      const held = await schoolOf(node.deps, school.slug)
      await t.rejects(issueCredential(dying, held, authenticateWallet(node.deps, held, request), body), /died/)
      const rows = await node.db(school.slug).many<{ id: string; list: string; idx: number }>(sql`
      select i.id, s.list, s.idx from issuance i join status_index s on s.issuance = i.id where i.state = 'intended'`)
      t.equal(rows.length, 2)
      t.equal(await revokeUndelivered(node.deps, 'later'), 0, 'a slow signature is no crash')
      node.clock.advance(3)
      t.equal(await revokeUndelivered(node.deps, 'later'), 0)
      t.equal(await revokeUndelivered(node.deps, 'atStart'), 1, 'after a crash it goes faster')
      for (const { list, idx } of rows)
        await t.resolves(published({ uri: `${school.entityId}/status-lists/${list}`, idx }))
      t.equal(await revokeUndelivered(node.deps, 'atStart'), 0)
      t.equal(await markDelivered(node.db(school.slug), school.slug, rows[0]?.id ?? '', node.clock.now()), false)
    },
  )

  t.test('without a hand-over the sweep comes in any case, and a late answer does not leave', async (t) => {
    const { wallet, offer } = await walletFor(node, school, 'anna')
    const body = { credential_configuration_id: 'pupil', proofs: { jwt: [wallet.proof(await wallet.nonce())] } }
    const request = { ...wallet.headers('credential'), endpoint: 'credential' } as const
    // The signature takes longer than an answer may.
    const random = (bytes: number) => {
      if (bytes === 1) node.clock.advance(3)
      return node.deps.random(bytes)
    }
    const held = await schoolOf(node.deps, school.slug)
    const caller = authenticateWallet(node.deps, held, request)
    const issuing = issueCredential({ ...node.deps, random }, held, caller, body)
    await t.rejects(issuing, { code: 'temporarily_unavailable' })
    node.clock.advance(6)
    t.equal(await revokeUndelivered(node.deps, 'later'), 1)
    const states = await node.db(school.slug).many(sql`select state from issuance where offer = ${offer.id}`)
    t.same(states, [{ state: 'revoked' }])
  })

  t.test('a delivery is marked also when the database was away for a moment; lost copies are taken back', async (t) => {
    const { id, place } = await issue()
    const held = await schoolOf(node.deps, school.slug)
    await node.db(school.slug).run(sql`update issuance set state = 'intended', delivered_at = null where id = ${id}`)
    await handOver({ ...node.deps, db: awayOnce(node.deps.db) }, held, id)
    const state = async () =>
      (await node.db(school.slug).one<{ state: string }>(sql`select state from issuance where id = ${id}`)).state
    t.equal(await state(), 'delivered')
    await takeBack(node.deps, held, id)
    await t.resolves(published(place))
    await handOver(node.deps, held, id)
    t.equal(await state(), 'revoked', 'and there is no way back')
  })

  t.test('a place that is taken is not given again', async (t) => {
    const { place } = await issue(2)
    const { uri, idx } = place
    const { wallet } = await walletFor(node, school, 'anna')
    const issueUnlucky = async () => {
      const unlucky = { ...node.deps, random: drawingOnce(node.deps.random, idx) }
      const jwt = [wallet.proof(await wallet.nonce())]
      const body = { credential_configuration_id: 'pupil', proofs: { jwt } }
      const request = { ...wallet.headers('credential'), endpoint: 'credential' } as const
      const held = await schoolOf(node.deps, school.slug)
      const { response } = await issueCredential(unlucky, held, authenticateWallet(node.deps, held, request), body)
      return placeOf(response.credentials[0]?.credential ?? '')
    }
    const second = await issueUnlucky()
    t.equal(second.uri, uri, 'another place in the same list')
    t.not(second.idx, idx)
  })

  t.test('nobody gives a place back: the database refuses', async (t) => {
    const db = node.db(school.slug)
    t.equal(await db.run(sql`delete from status_index`), 0)
    t.equal(await db.run(sql`update status_index set idx = idx + 1`), 0)
  })

  t.test(
    'in the end every code gave one token, every copy has its intent and place, and what is revoked is published',
    async (t) => {
      node.clock.advance(9)
      await revokeUndelivered(node.deps, 'later')
      t.same(await checkNode(node, held), [])
    },
  )
})

/** Chance that works until the places are claimed and then ends the process, as far as this request can tell. */
function dyingWhileSigning(random: (bytes: number) => Buffer): (bytes: number) => Buffer {
  // Signing begins with a single byte for the number of decoys; nothing before it draws one byte.
  return (bytes) => {
    if (bytes === 1) throw new Error('died')
    return random(bytes)
  }
}

/** Chance whose first draw of places for one copy is always the same place. */
function drawingOnce(random: (bytes: number) => Buffer, place: number): (bytes: number) => Buffer {
  const draw = Buffer.alloc(44)
  for (let at = 0; at < draw.length; at += 4) draw.writeUInt32BE(place, at)
  let isDrawn = false
  return (bytes) => {
    if (bytes !== draw.length || isDrawn) return random(bytes)
    isDrawn = true
    return Buffer.from(draw)
  }
}

/** A database whose first statement fails. */
function awayOnce(db: Db): Db {
  let isAway = true
  const run: Db['run'] = async (statement) => {
    if (!isAway) return db.forTenant('de-regenboog').run(statement)
    isAway = false
    throw new Error('away')
  }
  return { ...db, forTenant: () => ({ ...db, run }) }
}
