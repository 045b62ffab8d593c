import { X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { verifyX5c } from '@samen/certificates'
import { type Db, sql } from '@samen/pg-kit'
import { verifySdJwtVc } from '@samen/sd-jwt-vc'
import { readStatusListToken, statusAt } from '@samen/status-list'
import t from 'tap'
import { handOver, takeBack } from '../src/credential/hand-over.ts'
import { issueCredential } from '../src/credential/issue-credential.ts'
import { revokeSubject, revokeUndelivered } from '../src/credential/revoke-credential.ts'
import { jumpFenceAfterRestore, noteDatabaseMark } from '../src/status/jump-fence.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { deskOrder, makeOffer, openNode, readCode, schoolOf, TestWallet, walletFor } from './issuing-school.ts'

t.test('status lists', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  await other.addPupil('anna')
  const anchors = [new X509Certificate(node.federation.anchor.caPem)]
  const keyFor = (header: Record<string, unknown>) =>
    verifyX5c(header['x5c'] as string[], { anchors, now: node.clock.now() }).leafKey
  const get = (uri: string, headers: Record<string, string> = {}) =>
    node.app.inject({ method: 'GET', url: new URL(uri).pathname, headers })
  const refOf = (credential: string) => {
    const policy = { key: keyFor, now: node.clock.now(), clockSkewSeconds: 0, typ: 'dc+sd-jwt' } as const
    const { status } = verifySdJwtVc(credential, policy)
    if (status === undefined) throw new Error('the copy has no place in a list')
    return status
  }
  const issue = async (copies = 1) => {
    const { wallet, offer } = await walletFor(node, school, 'anna')
    const reply = await wallet.askFor('pupil', copies)
    const refs = (reply.json().credentials as { credential: string }[]).map(({ credential }) => refOf(credential))
    const url = `/v1/schools/${school.slug}/offers/${offer.id}`
    const state = await node.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${school.apiKey}` } })
    return { refs, id: state.json().issued[0].id as string }
  }
  const readList = async (uri: string) =>
    readStatusListToken((await get(uri)).body, { uri, keyFor, now: node.clock.now() })
  const isRevoked = async ({ uri, idx }: { uri: string; idx: number }) => statusAt(await readList(uri), idx) === 1
  /** Publishing happens off the request path, so a reader waits a moment for it. */
  const published = async (ref: { uri: string; idx: number }) => {
    for (let i = 0; i < 100 && !(await isRevoked(ref)); i++) await pause(10)
    return isRevoked(ref)
  }
  const revoke = (id: string, by = school, slug = school.slug, headers: Record<string, string> = {}) =>
    node.app.inject({
      method: 'POST',
      url: `/v1/schools/${slug}/credentials/${id}/revocation`,
      headers: { authorization: `Bearer ${by.apiKey}`, ...headers },
    })

  t.test(
    'a verifier fetches the list whole, signed by the school, and may keep it for a moment (SL-01 to SL-04, SL-06)',
    async (t) => {
      const { refs } = await issue()
      const [{ uri, idx } = { uri: '', idx: 0 }] = refs
      const reply = await get(uri)
      t.equal(reply.statusCode, 200)
      t.match(reply.headers['content-type'], /^application\/statuslist\+jwt/)
      t.equal(reply.headers['cache-control'], 'public, max-age=30')
      t.equal(reply.headers['access-control-allow-origin'], '*')
      t.equal((await get(uri, { accept: 'application/statuslist+jwt' })).body, reply.body)
      t.equal((await get(`${uri}?x=1`, { host: 'evil.example' })).body, reply.body, 'the same bytes for everybody')
      const payload = JSON.parse(Buffer.from(reply.body.split('.')[1] ?? '', 'base64url').toString())
      t.equal(payload.sub, uri)
      t.equal(payload.ttl, 30)
      t.equal(payload.status_list.bits, 1)
      t.ok(payload.exp > payload.iat)
      t.equal(statusAt(await readList(uri), idx), 0)
    },
  )

  t.test('a reader that has it already gets no body; one that wants another form is told (SL-05)', async (t) => {
    const { refs } = await issue()
    const uri = refs[0]?.uri ?? ''
    const { etag } = (await get(uri)).headers
    const again = await get(uri, { 'if-none-match': String(etag) })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
    t.equal((await get(uri, { accept: 'application/statuslist+cwt' })).statusCode, 406)
    t.equal((await get(uri, { accept: 'application/statuslist+cwt, */*;q=0.1' })).statusCode, 200)
  })

  t.test('a list that is not there, or another school’s, is nothing (SL-01)', async (t) => {
    const { refs } = await issue()
    const uri = refs[0]?.uri ?? ''
    t.equal((await get(uri.replace(school.slug, other.slug))).statusCode, 404)
    t.equal((await get(`${school.entityId}/status-lists/AAAAAAAAAAAAAAAAAAAAAA`)).statusCode, 404)
    t.equal((await node.app.inject({ method: 'POST', url: new URL(uri).pathname })).statusCode, 404)
  })

  t.test('the school takes copies back: all of them, and nobody else’s (SL-08)', async (t) => {
    const mine = await issue(10)
    const theirs = await issue(10)
    const reply = await revoke(mine.id)
    t.equal(reply.statusCode, 200)
    t.match(reply.json(), { id: mine.id, state: 'revoked' })
    t.equal(Date.parse(reply.json().effective_by) - node.clock.now().getTime(), 30_000)
    for (const ref of mine.refs) t.ok(await published(ref))
    for (const ref of theirs.refs) t.notOk(await isRevoked(ref))
    t.equal((await revoke(mine.id)).statusCode, 200, 'twice is fine, and there is no way back')
    const list = await readList(mine.refs[0]?.uri ?? '')
    const revoked = Array.from({ length: 2 ** 17 }, (_, idx) => statusAt(list, idx)).filter((value) => value === 1)
    t.equal(revoked.length, 10, 'no other bit moved; unused places look valid')
  })

  t.test('revoking needs the key of that school; a stranger’s copy looks like none (SL-09)', async (t) => {
    const { id, refs } = await issue()
    const foreign = await revoke(id, other, other.slug)
    const unknown = await revoke('AAAAAAAAAAAAAAAAAAAAAA', other, other.slug)
    t.equal(foreign.statusCode, 404)
    t.equal(foreign.body, unknown.body)
    t.equal((await revoke(id, other, school.slug)).statusCode, 404)
    t.equal((await revoke(id, { ...school, apiKey: 'x'.repeat(43) })).statusCode, 401)
    t.notOk(await isRevoked(refs[0] ?? { uri: '', idx: 0 }))
    const key = { 'idempotency-key': 'revoke-1' }
    t.same((await revoke(id, school, school.slug, key)).json(), (await revoke(id, school, school.slug, key)).json())
  })

  t.test(
    'a list is signed again before it grows old, and at once when it changed; never an older one after a newer',
    async (t) => {
      const { refs } = await issue()
      const uri = refs[0]?.uri ?? ''
      const before = (await get(uri)).body
      await node.deps.statusLists.refreshAll()
      t.equal((await get(uri)).body, before, 'nothing changed, nothing signed')
      node.clock.advance(601)
      await node.deps.statusLists.refreshAll()
      const after = (await get(uri)).body
      t.not(after, before)
      const iat = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).iat
      t.ok(iat(after) > iat(before))
    },
  )

  t.test('another process of the node sees a revocation at its next look', async (t) => {
    const { id, refs } = await issue()
    const ref = refs[0] ?? { uri: '', idx: 0 }
    const second = createStatusLists(node.deps)
    await second.refreshAll()
    const of = async () => {
      const found = await second.find(await schoolOf(node.deps, school.slug), ref.uri.split('/').at(-1) ?? '')
      return statusAt(readStatusListToken(found?.token ?? '', { uri: ref.uri, keyFor, now: node.clock.now() }), ref.idx)
    }
    t.equal(await of(), 0)
    await revoke(id)
    await second.refreshAll()
    t.equal(await of(), 1)
  })

  t.test(
    'copies that were written down and never handed over are revoked by the sweep, and not handed over after it',
    async (t) => {
      const offer = await makeOffer(node, school, deskOrder('anna'))
      const wallet = await new TestWallet(node, school).take(offer)
      // What a process leaves behind that dies between the claim and the hand-over.
      const dying = { ...node.deps, random: dyingAfter(node.deps.random, 'the places were claimed') }
      const jwt = [wallet.proof(await wallet.nonce()), wallet.proof(await wallet.nonce())]
      const body = { credential_configuration_id: 'pupil', proofs: { jwt } }
      const request = { ...wallet.headers('credential'), endpoint: 'credential' } as const
      await t.rejects(
        issueCredential(dying, await schoolOf(node.deps, school.slug), request, () => body),
        /died/,
      )
      const rows = await node.db(school.slug).many<{ id: string; list: string; idx: number }>(sql`
      select i.id, s.list, s.idx from issuance i join status_index s on s.issuance = i.id where i.state = 'intended'`)
      t.equal(rows.length, 2)
      t.equal(await revokeUndelivered(node.deps, 'later'), 0, 'a slow signature is no crash')
      node.clock.advance(3)
      t.equal(await revokeUndelivered(node.deps, 'later'), 0)
      t.equal(await revokeUndelivered(node.deps, 'atStart'), 1, 'after a crash it goes faster')
      for (const { list, idx } of rows) t.ok(await published({ uri: `${school.entityId}/status-lists/${list}`, idx }))
      t.equal(await revokeUndelivered(node.deps, 'atStart'), 0)
      const { markDelivered } = await import('../src/credential/credential.sql.ts')
      t.equal(await markDelivered(node.db(school.slug), school.slug, rows[0]?.id ?? '', node.clock.now()), false)
    },
  )

  t.test(
    'when a pupil leaves, or authority ends, nothing about the pupil stays good: not offered, not in hand, not issued',
    async (t) => {
      const pupilId = await school.addPupil('dirk')
      const open = await makeOffer(node, school, deskOrder('dirk', ['guardianship']))
      const code = await readCode(node, open)
      const { wallet, offer } = await walletFor(node, school, 'dirk', ['pupil', 'guardianship'])
      const [copy] = (await wallet.askFor('guardianship')).json().credentials
      const { refs: others } = await issue()
      const held = await schoolOf(node.deps, school.slug)
      await node.db(school.slug).transaction((tx) => revokeSubject(node.deps, tx, held, pupilId))
      node.deps.statusLists.touch(held)
      t.ok(await published(refOf(copy.credential)))
      t.notOk(await isRevoked(others[0] ?? { uri: '', idx: 0 }))
      t.equal((await new TestWallet(node, school).redeem(code, open.tx_code)).json().error, 'invalid_grant')
      t.equal((await wallet.askFor('pupil')).json().error, 'invalid_token')
      const states = await node
        .db(school.slug)
        .many<{ state: string }>(sql`select state from offer where id in (${open.id}, ${offer.id})`)
      t.same(states, [{ state: 'cancelled' }, { state: 'cancelled' }])
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
    const issuing = issueCredential(
      { ...node.deps, random },
      await schoolOf(node.deps, school.slug),
      request,
      () => body,
    )
    await t.rejects(issuing, { code: 'temporarily_unavailable' })
    node.clock.advance(6)
    t.equal(await revokeUndelivered(node.deps, 'later'), 1)
    const states = await node.db(school.slug).many(sql`select state from issuance where offer = ${offer.id}`)
    t.same(states, [{ state: 'revoked' }])
  })

  t.test('a delivery is marked also when the database was away for a moment; lost copies are taken back', async (t) => {
    const { id, refs } = await issue()
    const held = await schoolOf(node.deps, school.slug)
    await node.db(school.slug).run(sql`update issuance set state = 'intended', delivered_at = null where id = ${id}`)
    await handOver({ ...node.deps, db: awayOnce(node.deps.db) }, held, id)
    const state = async () =>
      (await node.db(school.slug).one<{ state: string }>(sql`select state from issuance where id = ${id}`)).state
    t.equal(await state(), 'delivered')
    await takeBack(node.deps, held, id)
    t.ok(await published(refs[0] ?? { uri: '', idx: 0 }))
    await handOver(node.deps, held, id)
    t.equal(await state(), 'revoked', 'and there is no way back')
  })

  t.test('a place that is taken is not given again; a list that is half full takes no more copies', async (t) => {
    const { refs } = await issue(2)
    const { uri, idx } = refs[0] ?? { uri: '', idx: 0 }
    const list = uri.split('/').at(-1) ?? ''
    const { wallet } = await walletFor(node, school, 'anna')
    const issueUnlucky = async () => {
      const unlucky = { ...node.deps, random: drawingOnce(node.deps.random, idx) }
      const jwt = [wallet.proof(await wallet.nonce())]
      const body = { credential_configuration_id: 'pupil', proofs: { jwt } }
      const request = { ...wallet.headers('credential'), endpoint: 'credential' } as const
      const { response } = await issueCredential(unlucky, await schoolOf(node.deps, school.slug), request, () => body)
      return refOf(response.credentials[0]?.credential ?? '')
    }
    const second = await issueUnlucky()
    t.equal(second.uri, uri, 'another place in the same list')
    t.not(second.idx, idx)
    await node.db(school.slug).run(sql`update status_list set size = 1 where id = ${list}`)
    const third = await issueUnlucky()
    t.not(third.uri, uri, 'a new list')
    t.notOk(await isRevoked(third), 'that can be fetched')
    const open = await node.db(school.slug).many<{ id: string }>(sql`select id from status_list where is_open`)
    t.same(
      open.map(({ id }) => id),
      [third.uri.split('/').at(-1)],
    )
    await node.db(school.slug).run(sql`update status_list set size = 131072 where id = ${list}`)
  })

  t.test('nobody gives a place back: the database refuses', async (t) => {
    const db = node.db(school.slug)
    t.equal(await db.run(sql`delete from status_index`), 0)
    t.equal(await db.run(sql`update status_index set idx = idx + 1`), 0)
  })

  t.test(
    'after a backup was put back codes and tokens of before are dead, and places of before are not given again',
    async (t) => {
      t.equal(await jumpFenceAfterRestore(node.deps), false, 'a first start')
      await noteDatabaseMark(node.deps)
      t.equal(await jumpFenceAfterRestore(node.deps), false, 'a restart')
      const { refs } = await issue()
      const open = await makeOffer(node, school, deskOrder('anna'))
      const code = await readCode(node, open)
      const { wallet } = await walletFor(node, school, 'anna')
      const { identity, written } = node.deps.databaseMark.read() ?? { identity: '', written: 0 }
      node.deps.databaseMark.write({ identity, written: written + 10 ** 12 })
      t.equal(await jumpFenceAfterRestore(node.deps), true, 'the database is behind what it had written')
      t.equal((await new TestWallet(node, school).redeem(code, open.tx_code)).json().error, 'invalid_grant')
      t.equal((await wallet.askFor('pupil')).json().error, 'invalid_token')
      const after = await issue()
      t.not(after.refs[0]?.uri, refs[0]?.uri)
      t.notOk(await isRevoked(refs[0] ?? { uri: '', idx: 0 }), 'what was handed over stays valid')
      node.deps.databaseMark.write({ identity: 'another/1/2', written: 0 })
      t.equal(await jumpFenceAfterRestore(node.deps), true, 'another server, history or table answers')
      t.equal(await jumpFenceAfterRestore(node.deps), false, 'once')
    },
  )
})

/** Chance that works until the places are claimed and then ends the process, as far as this request can tell. */
function dyingAfter(random: (bytes: number) => Buffer, _moment: 'the places were claimed'): (bytes: number) => Buffer {
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
