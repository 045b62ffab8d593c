import { gunzipSync } from 'node:zlib'
import { sql } from '@samen/pg-kit'
import { statusAt } from '@samen/status-list'
import t from 'tap'
import { revokeSubject } from '../src/credential/revoke-credential.ts'
import { createStatusLists } from '../src/status/status-lists.ts'
import { deskOrder, makeOffer, openNode, readCode, schoolOf } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('status lists', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  const reader = createListReader(node, school)
  const { get, issue, isRevoked, placeOf, published, readList } = reader
  const revoke = (id: string, by = school, slug = school.slug, headers: Record<string, string> = {}) =>
    node.app.inject({
      method: 'POST',
      url: `/v1/schools/${slug}/credentials/${id}/revocation`,
      headers: { authorization: `Bearer ${by.apiKey}`, ...headers },
    })

  t.test('a verifier fetches the list whole, signed by the school, and may keep it for a moment', async (t) => {
    const { place } = await issue()
    const { uri, idx } = place
    const reply = await get(uri)
    t.equal(reply.statusCode, 200)
    t.match(reply.headers['content-type'], /^application\/statuslist\+jwt/)
    t.equal(reply.headers['cache-control'], 'public, max-age=5')
    t.equal(reply.headers['access-control-allow-origin'], '*')
    t.equal((await get(uri, { accept: 'application/statuslist+jwt' })).body, reply.body)
    t.equal((await get(`${uri}?x=1`, { host: 'evil.example' })).body, reply.body, 'the same bytes for everybody')
    const payload = JSON.parse(Buffer.from(reply.body.split('.')[1] ?? '', 'base64url').toString())
    t.equal(payload.sub, uri)
    t.equal(payload.ttl, 30)
    t.equal(payload.status_list.bits, 1)
    t.ok(payload.exp > payload.iat)
    t.equal(statusAt(await readList(uri), idx), 0)
  })

  t.test('a reader that has it already gets no body; one that wants another form is told', async (t) => {
    const { place } = await issue()
    const { uri } = place
    const { etag } = (await get(uri)).headers
    const again = await get(uri, { 'if-none-match': String(etag) })
    t.equal(again.statusCode, 304)
    t.equal(again.body, '')
    t.equal((await get(uri, { accept: 'application/statuslist+cwt' })).statusCode, 406)
    t.equal((await get(uri, { accept: 'application/statuslist+cwt, */*;q=0.1' })).statusCode, 200)
    t.equal((await get(uri, { accept: 'application/statuslist+jwt;q=0' })).statusCode, 406)
  })

  t.test('who asks for gzip gets the same list packed, and caches keep the two apart', async (t) => {
    const { place } = await issue()
    const plain = await get(place.uri)
    t.equal(plain.headers['content-encoding'], undefined)
    t.equal(plain.headers.vary, 'Accept, Accept-Encoding')
    for (const accepted of ['gzip', 'gzip, deflate, br']) {
      const packed = await get(place.uri, { 'accept-encoding': accepted })
      t.equal(packed.headers['content-encoding'], 'gzip')
      t.match(packed.headers['content-type'], /^application\/statuslist\+jwt/)
      t.equal(gunzipSync(packed.rawPayload).toString(), plain.body)
      t.not(packed.headers.etag, plain.headers.etag)
      const again = { 'accept-encoding': accepted, 'if-none-match': String(packed.headers.etag) }
      t.equal((await get(place.uri, again)).statusCode, 304)
      t.equal((await get(place.uri, { 'if-none-match': String(packed.headers.etag) })).statusCode, 200)
    }
    t.equal((await get(place.uri, { 'accept-encoding': 'gzip;q=0' })).body, plain.body)
  })

  t.test('nobody is told how a list was at another time', async (t) => {
    const { place } = await issue()
    for (const time of ['1700000000', '4000000000', 'yesterday', ''])
      t.equal((await node.app.inject(`${new URL(place.uri).pathname}?time=${time}`)).statusCode, 501, time)
  })

  t.test('a list that is not there, or another school’s, is nothing', async (t) => {
    const { place } = await issue()
    const { uri } = place
    t.equal((await get(uri.replace(school.slug, other.slug))).statusCode, 404)
    t.equal((await get(`${school.entityId}/status-lists/AAAAAAAAAAAAAAAAAAAAAA`)).statusCode, 404)
    for (const method of ['POST', 'PUT', 'DELETE'] as const) {
      const reply = await node.app.inject({ method, url: new URL(uri).pathname })
      t.equal(reply.statusCode, 405)
      t.equal(reply.headers.allow, 'GET, HEAD')
    }
  })

  t.test('the school takes copies back: all of them, and nobody else’s', async (t) => {
    const mine = await issue(10)
    const theirs = await issue(10)
    const reply = await revoke(mine.id)
    t.equal(reply.statusCode, 200)
    t.match(reply.json(), { id: mine.id, state: 'revoked' })
    t.equal(
      Date.parse(reply.json().effective_by) - node.clock.now().getTime(),
      40_000,
      'another process, a cache, a verifier',
    )
    for (const ref of mine.places) await t.resolves(published(ref))
    for (const ref of theirs.places) t.notOk(await isRevoked(ref))
    t.equal((await revoke(mine.id)).statusCode, 200, 'twice is fine, and there is no way back')
    const list = await readList(mine.place.uri)
    const revoked = Array.from({ length: 2 ** 17 }, (_, idx) => statusAt(list, idx)).filter((value) => value === 1)
    t.equal(revoked.length, 10, 'no other bit moved; unused places look valid')
  })

  t.test('revoking needs the key of that school; a stranger’s copy looks like none', async (t) => {
    const { id, place } = await issue()
    const foreign = await revoke(id, other, other.slug)
    const unknown = await revoke('AAAAAAAAAAAAAAAAAAAAAA', other, other.slug)
    t.equal(foreign.statusCode, 404)
    t.equal(foreign.body, unknown.body)
    t.equal((await revoke(id, other, school.slug)).statusCode, 404)
    t.equal((await revoke(id, { ...school, apiKey: 'x'.repeat(43) })).statusCode, 401)
    t.notOk(await isRevoked(place))
    const key = { 'idempotency-key': 'revoke-1' }
    t.same((await revoke(id, school, school.slug, key)).json(), (await revoke(id, school, school.slug, key)).json())
  })

  t.test(
    'a list is signed again before it grows old, and at once when it changed; never an older one after a newer',
    async (t) => {
      const { place } = await issue()
      const { uri } = place
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
    const { id, place } = await issue()
    const ref = place
    const second = createStatusLists(node.deps)
    await second.refreshAll()
    const of = async () => {
      const found = await second.find(await schoolOf(node.deps, school.slug), ref.uri.split('/').at(-1) ?? '')
      return statusAt(reader.read(found?.token ?? '', ref.uri), ref.idx)
    }
    t.equal(await of(), 0)
    await revoke(id)
    await second.refreshAll()
    t.equal(await of(), 1)
  })

  t.test(
    'when a pupil leaves, or authority ends, nothing about the pupil stays good: not offered, not in hand, not issued',
    async (t) => {
      const pupilId = await school.addPupil('dirk')
      const open = await makeOffer(node, school, deskOrder('dirk', ['guardianship']))
      const code = await readCode(node, open)
      const { wallet, offer } = await walletFor(node, school, 'dirk', ['pupil', 'guardianship'])
      const [copy] = (await wallet.askFor('guardianship')).json().credentials
      const { place: others } = await issue()
      const held = await schoolOf(node.deps, school.slug)
      await node.db(school.slug).transaction((tx) => revokeSubject(node.deps, tx, held, pupilId))
      node.deps.statusLists.touch(held)
      await t.resolves(published(placeOf(copy.credential)))
      t.notOk(await isRevoked(others))
      t.equal((await new TestWallet(node, school).redeem(code, open.tx_code)).json().error, 'invalid_grant')
      t.equal((await wallet.askFor('pupil')).json().error, 'invalid_token')
      const states = await node
        .db(school.slug)
        .many<{ state: string }>(sql`select state from offer where id in (${open.id}, ${offer.id})`)
      t.same(states, [{ state: 'cancelled' }, { state: 'cancelled' }])
    },
  )
})
