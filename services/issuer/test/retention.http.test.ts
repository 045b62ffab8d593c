import { randomUUID } from 'node:crypto'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { forgetOldRecords } from '../src/retention/forget-old-records.ts'
import { openNode } from './support/issuing-school.ts'
import { createListReader } from './support/list-reader.ts'

const DAY_MS = 86_400_000

t.test('what is over is forgotten', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  await school.addPupil('anna')
  const { get, issue, isRevoked } = createListReader(node, school)
  const db = node.db(school.slug)
  const { place, id } = await issue(2)
  const { expires_at: end } = await db.one<{ expires_at: Date }>(sql`select expires_at from issuance where id = ${id}`)
  const forgetAt = (days: number) =>
    forgetOldRecords({ ...node.deps, now: () => new Date(end.getTime() + days * DAY_MS) })
  const counts = () =>
    db.one(sql`
      select (select count(*)::integer from status_list) as lists, (select count(*)::integer from status_index) as places,
        (select count(*)::integer from issuance) as issuances, (select count(*)::integer from offer) as offers`)

  t.test('nothing of a copy while it lives', async (t) => {
    const before = await counts()
    await forgetAt(-1)
    t.same(await counts(), before)
    t.equal((await issue()).place.uri, place.uri)
  })

  t.test('after its last day its list takes no more copies, and everything stays for a year', async (t) => {
    const before = await counts()
    await forgetAt(1)
    await forgetAt(364)
    t.same(await counts(), before)
    t.not((await issue()).place.uri, place.uri)
    t.notOk(await isRevoked(place))
  })

  t.test('while one copy of a list has not been over for a year, no place of that list is given up', async (t) => {
    const before = await counts()
    await db.run(sql`update issuance set expires_at = expires_at + interval '1 day' where id = ${id}`)
    await db.run(sql`update status_list set is_open = false`)
    await forgetAt(366)
    const { lists, places } = (await counts()) as Record<string, number>
    t.same({ lists, places }, { lists: 1, places: 3 }, 'of the other list nothing is left')
    t.match(before, { lists: 2, places: 4 })
    t.equal(await db.run(sql`delete from status_index`), 0, 'nor would the database')
  })

  t.test('after that year the list goes, with its places, what was issued and what was offered', async (t) => {
    await forgetAt(367)
    t.same(await counts(), { lists: 0, places: 0, issuances: 0, offers: 0 })
    await node.deps.statusLists.refreshAll()
    t.equal((await get(place.uri)).statusCode, 404)
    t.equal(await node.deps.publishedBits.read(place.uri.split('/').at(-1) ?? ''), undefined)
  })

  t.test('events are kept for three years, reports on deliveries for one', async (t) => {
    // The database knows the real time, and gives up nothing that is younger by it.
    const now = new Date()
    const ago = (days: number) => new Date(now.getTime() - days * DAY_MS)
    for (const days of [1_000, 1_100])
      await db.run(sql`
        insert into audit_event (tenant, id, at, actor, action, object, outcome)
        values (${school.slug}, ${randomUUID()}, ${ago(days)}, 'school', 'old', 'x', 'ok')`)
    for (const days of [300, 500])
      await db.run(sql`
        insert into roster_import (tenant, id, state, report, received_at)
        values (${school.slug}, ${'A'.repeat(19) + days}, 'applied', '{}', ${ago(days)})`)
    await forgetOldRecords({ ...node.deps, now: () => now })
    t.match(await db.one(sql`select count(*) from audit_event where action = 'old'`), { count: 1 })
    t.match(await db.one(sql`select count(*) from roster_import`), { count: 1 })
    t.equal(await db.run(sql`delete from audit_event`), 0, 'and the database gives up none that is younger')
  })
})
