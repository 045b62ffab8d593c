import { decodeJwt, type PublicJwk } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import { readStatusListToken, statusAt } from '@samen/status-list'
import { certifiedKeys, until } from '@samen/test-kit'
import t from 'tap'
import { createRegistryApp } from '../src/app.ts'
import { signLists } from '../src/consent-list/sign-lists.ts'
import { markOverdueDeletions } from '../src/deletion/mark-overdue-deletions.ts'
import { checkWorld } from './support/check-world.ts'
import {
  agree,
  confirmDeletion,
  createApp,
  createSchool,
  holdGuardianship,
  openRequest,
  registerPurpose,
} from './support/members.ts'
import { startWorld } from './support/registry.ts'
import { begin, comeBack, cookieOf, decide, respond } from './support/wallet.ts'

t.test('taking a yes back', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const other = await createApp(world, 'lezen')
  const purpose = await registerPurpose(world, app)
  await agree(world, school, app, purpose)
  const hold = (guardian: string, child = 'kim') =>
    holdGuardianship(world, school, { child, guardian, apps: [app], others: 0 })
  const giveConsent = async (child = 'kim') => {
    const handle = await openRequest(world, school, app, purpose)
    const before = app.receipts.length
    await decide(world, handle, 'yes', hold('mother', child))
    await until('the receipt arrived', () => app.receipts.length > before)
    const receipt = app.receipts.find(({ receipt }) => (receipt as { handle: string }).handle === handle)
    const { uri, idx } = (receipt as never as { receipt: { status: { status_list: { uri: string; idx: number } } } })
      .receipt.status.status_list
    return { handle, uri, idx }
  }
  const readList = async (uri: string) => {
    // The lease runs in real seconds, which a slow machine may have used up.
    await signLists(deps)
    const reply = await world.call('GET', uri)
    t.equal(reply.headers.get('content-type'), 'application/statuslist+jwt')
    const keyFor = certifiedKeys(deps.anchor.caPem, world.clock.now)
    const list = readStatusListToken(reply.text, { uri, keyFor, now: world.clock.now() })
    t.equal(list.owner, deps.publicUrl)
    return list
  }

  t.test('the bit is off while the consent lives and on from the withdrawal, for this consent only', async (t) => {
    const [mine, neighbour] = [await giveConsent(), await giveConsent('sam')]
    t.equal(statusAt(await readList(mine.uri), mine.idx), 0)
    const reply = await decide(world, mine.handle, 'withdraw', hold('father'))
    t.match({ status: reply.status, ...reply.body }, { status: 200, decision: 'withdraw', state: 'withdrawn' })
    await signLists(deps)
    const list = await readList(mine.uri)
    t.equal(statusAt(list, mine.idx), 1)
    t.equal(statusAt(list, neighbour.idx), 0)
    t.equal(
      Array.from({ length: list.size }, (_, i) => statusAt(list, i)).filter((value) => value === 1).length,
      1,
      'no other place changed',
    )
  })

  t.test('who said yes twice about the same is told, when taking one back, that the other stands', async (t) => {
    const [first, second] = [await giveConsent('noor'), await giveConsent('noor')]
    await giveConsent('sam')
    const begun = await begin(world, first.handle, 'withdraw')
    const link = begun.body.authorization_request
    const reply = await comeBack(world, await respond(world, link, hold('mother', 'noor')), begun)
    t.same([reply.body.state, reply.body.still_given], ['withdrawn', [second.handle]])
    const accept = 'text/html'
    const page = await world.call('GET', `/requests/${first.handle}`, { accept, cookie: cookieOf(begun) })
    t.match(page.text, 'Dat ja geldt nog')
    t.match(page.text, `href="${second.handle}?lang=nl"`)

    const third = await giveConsent('noor')
    const byFather = await decide(world, third.handle, 'withdraw', hold('father', 'noor'))
    t.notHas(byFather.body, { still_given: [] }, 'who did not say it is not told')
    const last = await decide(world, second.handle, 'withdraw', hold('mother', 'noor'))
    t.notHas(last.body, { still_given: [] }, 'and nothing is told where nothing is left')
  })

  t.test('a list is good for ten seconds from its signature and no longer', async (t) => {
    const { uri } = await giveConsent()
    await signLists(deps)
    const { payload } = decodeJwt((await world.call('GET', uri)).text, { maxBytes: 65_536 })
    t.equal(Number(payload['exp']) - Number(payload['iat']), 10)
    t.ok(Number(payload['ttl']) <= 5)
  })

  t.test('the answer says when it works everywhere: not before every list that misses it has died', async (t) => {
    const { handle, uri } = await giveConsent()
    await signLists(deps)
    const { payload } = decodeJwt((await world.call('GET', uri)).text, { maxBytes: 65_536 })
    const { body } = await decide(world, handle, 'withdraw', hold('mother'))
    t.ok(Date.parse(body.effective_at) >= Number(payload['exp']) * 1000)
    t.ok(Date.parse(body.effective_at) <= world.clock.now().getTime() + 12_000)
  })

  t.test('a list whose lease ran out is not served', async (t) => {
    const { uri } = await giveConsent()
    const stopped = { ...deps, now: () => new Date(world.clock.now().getTime() + 60_000) }
    const late = createRegistryApp(stopped)
    const reply = await late.inject({ method: 'GET', url: new URL(uri).pathname })
    t.equal(reply.statusCode, 503)
    t.ok(reply.headers['retry-after'])
    await late.close()
    t.equal((await world.call('GET', '/consent-lists/none')).status, 404)
  })

  t.test('the app is told by a signed event with handle and last day, and nothing about who', async (t) => {
    const { handle } = await giveConsent()
    await decide(world, handle, 'withdraw', hold('mother'))
    const found = () => app.events.find((event) => JSON.stringify(event).includes(handle))
    await until('the notice arrived', () => found() !== undefined)
    const event = found() ?? {}
    t.same(Object.keys(event).sort(), ['aud', 'events', 'iat', 'iss', 'jti'])
    t.match(event, { iss: world.url, aud: app.entityId })
    const [[type, detail] = []] = Object.entries(event['events'] ?? {})
    t.equal(type, 'urn:samen:event:consent-withdrawn')
    t.same(Object.keys(detail as object).sort(), ['delete_by', 'handle'])
  })

  t.test('an app that is away gets the same notice later, under the same id', async (t) => {
    const { handle } = await giveConsent()
    app.status = 503
    await decide(world, handle, 'withdraw', hold('mother'))
    const about = (events: readonly object[]) => events.filter((event) => JSON.stringify(event).includes(handle))
    await until('the first attempt was made', () => about(app.attempts).length > 0)
    const { notified } = await deps.db.one<{ notified: Date | null }>(
      sql`select notified_at as notified from consent_request where handle = ${handle}`,
    )
    t.equal(notified, null)
    app.status = 202
    await until('the notice arrived after all', () => about(app.events).length === 1)
    t.equal(new Set(about(app.attempts).map((event) => (event as { jti: string }).jti)).size, 1)
  })

  t.test('an app that says it had the message before is left alone', async (t) => {
    const { handle } = await giveConsent()
    app.status = 409
    await decide(world, handle, 'withdraw', hold('mother'))
    await until('the registry takes it as delivered', async () => {
      const row = await deps.db.one<{ done: boolean }>(
        sql`select notified_at is not null as done from consent_request where handle = ${handle}`,
      )
      return row.done
    })
    t.notOk(app.events.some((event) => JSON.stringify(event).includes(handle)))
    app.status = 202
  })

  t.test('a consent that is withdrawn before its receipt went out is never delivered', async (t) => {
    const handle = await openRequest(world, school, app, purpose)
    app.status = 503
    await decide(world, handle, 'yes', hold('mother'))
    await decide(world, handle, 'withdraw', hold('mother'))
    app.status = 202
    await until('the notice arrived', () => app.events.some((event) => JSON.stringify(event).includes(handle)))
    t.notOk(app.receipts.some((receipt) => JSON.stringify(receipt).includes(handle)))
  })

  t.test('a withdrawal in the same moment from two guardians happens once', async (t) => {
    const { handle } = await giveConsent()
    const replies = await Promise.all(['mother', 'father'].map((who) => decide(world, handle, 'withdraw', hold(who))))
    t.same(replies.map(({ status }) => status).sort(), [200, 403])
  })

  t.test('the deletion receipt is taken from the app itself, once, and only after a withdrawal', async (t) => {
    const { handle } = await giveConsent()
    t.equal((await confirmDeletion(world, app, handle)).status, 403, 'nothing was withdrawn')
    await decide(world, handle, 'withdraw', hold('mother'))
    const foreign = await confirmDeletion(world, other, handle)
    const unknown = await confirmDeletion(world, app, 'C'.repeat(22))
    t.match([foreign.status, unknown.status], [403, 403])
    t.equal(foreign.text, unknown.text)
    t.equal((await confirmDeletion(world, app, handle)).status, 201)
    t.equal((await confirmDeletion(world, app, handle)).status, 403)
  })

  t.test('a deletion that is not confirmed in time is marked, once', async (t) => {
    const { handle } = await giveConsent()
    await decide(world, handle, 'withdraw', hold('mother'))
    await markOverdueDeletions(deps)
    const isOverdue = async () => {
      const row = await deps.db.one<{ overdue: boolean; events: number }>(sql`
        select deletion_overdue_at is not null as overdue,
          (select count(*) from log_event e where e.handle = r.handle) as events
        from consent_request r where handle = ${handle}`)
      return row
    }
    const before = await isOverdue()
    t.equal(before.overdue, false)
    const later = { ...deps, now: () => new Date(world.clock.now().getTime() + 32 * 86_400_000) }
    await markOverdueDeletions(later)
    await markOverdueDeletions(later)
    t.same(await isOverdue(), { overdue: true, events: before.events + 1 })
    t.equal((await confirmDeletion(world, app, handle)).status, 201, 'late is better than never')
  })

  t.test('a consent past its last day is dead in the list too', async (t) => {
    const { handle, idx } = await giveConsent()
    world.clock.advance(151 * 86_400)
    await until('the end is recorded', async () => {
      const row = await deps.db.one<{ revoked: boolean }>(sql`select revoked from consent_index where idx = ${idx}`)
      return row.revoked
    })
    world.clock.advance(-151 * 86_400)
    t.equal((await decide(world, handle, 'withdraw', hold('mother'))).status, 403)
  })

  t.test('the database itself refuses to bring a consent back', async (t) => {
    const { handle, idx } = await giveConsent()
    await decide(world, handle, 'withdraw', hold('mother'))
    await t.rejects(
      deps.db.run(sql`update consent_request set state = 'given' where handle = ${handle}`),
      /never opens again/,
    )
    await t.rejects(deps.db.run(sql`update consent_index set revoked = false where idx = ${idx}`), /stays withdrawn/)
    await t.rejects(deps.db.run(sql`delete from consent_index where idx = ${idx}`), /never changed/)
  })

  t.test('a list is signed with the list key, whose certificate names this registry', async (t) => {
    const { uri } = await giveConsent()
    const { header } = decodeJwt((await world.call('GET', uri)).text, { maxBytes: 65_536 })
    t.equal(header['kid'], deps.keys.list.kid)
    t.not(deps.keys.list.kid, deps.keys.request.kid)
    t.match(deps.keys.list.publicJwk satisfies PublicJwk, { use: 'sig' })
  })

  t.test(
    'in the end every consent has its place, what ended is published as revoked, and the log builds to its signed root',
    async (t) => {
      t.same(await checkWorld(world), [])
    },
  )
})
