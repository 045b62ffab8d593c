import { emptyDatabase, freshDatabase } from '@samen/test-kit'
import pg from 'pg'
import t, { type Test } from 'tap'
import { DatabaseUnavailable, type Db, openDb, sql, type Tx } from '../src/pg-kit.ts'

const migrations = new URL('./migrations/', import.meta.url)
const OPTIONS = { max: 4, applicationName: 'test', statementTimeoutMs: 10_000 }

async function open(t: Test, max = 4): Promise<{ db: Db; superuserUrl: string }> {
  const { url, superuserUrl } = await freshDatabase(t, { migrations })
  const db = await openDb({ ...OPTIONS, max, connectionString: url })
  t.teardown(() => db.close())
  return { db, superuserUrl }
}

async function asSuperuser(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text)
  await client.end()
}

const addNote = (db: Db | Tx, tenant: string, id: string) =>
  db.run(sql`insert into note (tenant, id) values (${tenant}, ${id})`)
const readNotes = async (db: Db | Tx) =>
  (await db.many<{ id: string }>(sql`select id from note order by id`)).map(({ id }) => id)

t.test('one school never sees or writes the rows of another, on whatever connection it lands', async (t) => {
  const { db } = await open(t, 2)
  const schools = ['de-wilg', 'de-linde', 'de-eik']
  for (const school of schools) await addNote(db.forTenant(school), school, `note-of-${school}`)
  const reads = Array.from({ length: 60 }, async (_, index) => {
    const school = schools[index % 3] ?? ''
    const tenantDb = db.forTenant(school)
    const seen = index % 2 === 0 ? await readNotes(tenantDb) : await tenantDb.transaction(readNotes)
    t.same(seen, [`note-of-${school}`])
    if (index % 5 === 0) t.same(await readNotes(db), [], 'nobody sees nothing')
  })
  await Promise.all(reads)
  await t.rejects(addNote(db.forTenant('de-wilg'), 'de-linde', 'x'), { code: '42501' })
  await t.rejects(
    db.forTenant('de-wilg').transaction((tx) => addNote(tx, 'de-linde', 'x')),
    { code: '42501' },
  )
  await t.rejects(addNote(db, 'de-linde', 'x'), { code: '42501' })
  t.throws(() => db.forTenant(''), RangeError)
  const odd = `o'brien"; select 1`
  t.equal(await db.forTenant(odd).transaction((tx) => addNote(tx, odd, 'x')), 1)
})

t.test('a transaction happens whole or not at all', async (t) => {
  const { db } = await open(t)
  const school = db.forTenant('de-wilg')
  const order: string[] = []
  const work = async (tx: Tx) => {
    tx.afterCommit(() => order.push('after commit'))
    await Promise.all([addNote(tx, 'de-wilg', 'a'), addNote(tx, 'de-wilg', 'b')])
    order.push('worked')
    return 'answer'
  }
  await t.rejects(
    school.transaction(async (tx) => Promise.reject(new Error(await work(tx)))),
    { message: 'answer' },
  )
  t.same(await readNotes(school), [])
  t.same(order, ['worked'])
  t.equal(await school.transaction(work), 'answer')
  t.same(await readNotes(school), ['a', 'b'])
  t.same(order, ['worked', 'worked', 'after commit'])
})

t.test('a statement that failed unseen is no success, and a transaction that is over takes no more', async (t) => {
  const { db } = await open(t)
  const school = db.forTenant('de-wilg')
  const swallowed = school.transaction(async (tx) => {
    await addNote(tx, 'de-wilg', 'a')
    await tx.run(sql`select 1 / 0`).catch(() => undefined)
  })
  await t.rejects(swallowed, /failed unseen/)
  t.same(await readNotes(school), [])
  let kept: Tx | undefined
  await school.transaction(async (tx) => {
    kept = tx
  })
  await t.rejects(addNote(kept as Tx, 'de-wilg', 'late'), /over/)
  t.same(await readNotes(school), [])
})

t.test('numbers, dates and counts come out as what they are', async (t) => {
  const { db } = await open(t)
  const row = await db.one(
    sql`select ${9_007_199_254_740_991n}::bigint as big, '2026-08-01'::date as day, array['2026-08-01'::date] as days`,
  )
  t.same(row, { big: 9_007_199_254_740_991, day: '2026-08-01', days: ['2026-08-01'] })
  await t.rejects(db.one(sql`select 9007199254740993 as big`), RangeError)
  await t.rejects(db.one(sql`select 1 where false`), RangeError)
  await t.rejects(db.one(sql`select generate_series(1, 2)`), RangeError)
  await t.rejects(db.maybe(sql`select generate_series(1, 2)`), RangeError)
  t.equal(await db.maybe(sql`select 1 where false`), undefined)
})

t.test('a database that goes away and comes back costs answers, never the process', async (t) => {
  const { db, superuserUrl } = await open(t)
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test' and datname = current_database()`
  await Promise.all([1, 2, 3].map(() => db.one(sql`select pg_sleep(0.05)`)))
  await asSuperuser(superuserUrl, kill)
  await db.one(sql`select 1 as still`).catch((error: unknown) => t.ok(error instanceof DatabaseUnavailable))
  const killed = db.transaction(async (tx) => {
    await tx.one(sql`select 1`)
    await asSuperuser(superuserUrl, kill)
    return tx.one(sql`select 2`)
  })
  await t.rejects(killed, DatabaseUnavailable)
  t.same(await db.one(sql`select 3 as three`), { three: 3 })
})

t.test('a statement over its time is ended, and its connection serves on', async (t) => {
  const { url } = await freshDatabase(t, { migrations })
  const db = await openDb({ ...OPTIONS, max: 1, statementTimeoutMs: 500, connectionString: url })
  t.teardown(() => db.close())
  await t.rejects(db.one(sql`select pg_sleep(30)`), DatabaseUnavailable)
  await t.rejects(
    db.transaction((tx) => tx.one(sql`select pg_sleep(30)`)),
    DatabaseUnavailable,
  )
  t.same(await db.one(sql`select 3 as three`), { three: 3 })
})

t.test('no database at all is said in one error', async (t) => {
  const nowhere = openDb({ ...OPTIONS, connectionString: 'postgres://nobody@127.0.0.1:1/nothing' })
  await t.rejects(nowhere, DatabaseUnavailable)
})

t.test('a node refuses a role above row-level security and a database that forgets commits', async (t) => {
  const { url, superuserUrl } = await emptyDatabase(t)
  await t.rejects(openDb({ ...OPTIONS, connectionString: superuserUrl }), /above row-level security/)
  const name = new URL(url).pathname.slice(1)
  await asSuperuser(superuserUrl, `alter database ${name} set synchronous_commit = off`)
  await t.rejects(openDb({ ...OPTIONS, connectionString: url }), /synchronous_commit off/)
})

t.test('what must be atomic cannot be given a database instead of a transaction', async (t) => {
  const { db } = await open(t)
  const atomic = async (tx: Tx) => tx.one(sql`select 1 as one`)
  // @ts-expect-error a Db is not a Tx
  t.ok(await atomic(db))
  // @ts-expect-error and a Tx is no Db
  t.ok(await db.transaction(async (tx) => ((other: Db) => other !== undefined)(tx)))
})
