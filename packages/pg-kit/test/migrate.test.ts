import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { emptyDatabase } from '@samen/test-kit'
import t, { type Test } from 'tap'
import { DatabaseUnavailable, migrate, openDb, sql } from '../src/pg-kit.ts'

async function prepare(t: Test) {
  const { url } = await emptyDatabase(t)
  const folder = mkdtempSync(join(tmpdir(), 'samen-migrations-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const db = await openDb({ connectionString: url, max: 2, applicationName: 'test', statementTimeoutMs: 2_000 })
  t.teardown(() => db.close())
  return {
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    remove: (name: string) => rmSync(join(folder, name)),
    run: () => migrate({ connectionString: url, directory: pathToFileURL(folder) }),
    versions: () => db.many(sql`select version, name from schema_migration order by version`),
    rows: () => db.many(sql`select * from pupil`),
  }
}

t.test('each step of the schema is taken once, also when three processes start together', async (t) => {
  const { write, run, versions, rows } = await prepare(t)
  write('0001_pupil.sql', 'create table pupil (id text primary key)')
  await Promise.all([run(), run(), run()])
  write('0002_first_pupil.sql', `insert into pupil values ('a')`)
  await run()
  await run()
  t.same(await versions(), [
    { version: 1, name: '0001_pupil.sql' },
    { version: 2, name: '0002_first_pupil.sql' },
  ])
  t.same(await rows(), [{ id: 'a' }])
})

t.test('a step that fails leaves nothing behind and can be mended', async (t) => {
  const { write, run, versions, rows } = await prepare(t)
  write('0001_pupil.sql', 'create table pupil (id text primary key); select 1 / 0')
  await t.rejects(run(), /0001_pupil.sql failed/)
  t.same(await versions(), [])
  write('0001_pupil.sql', 'create table pupil (id text primary key)')
  await run()
  t.same(await rows(), [])
})

t.test('a step that ran may not be edited, and a program older than the schema does not start', async (t) => {
  const { write, remove, run } = await prepare(t)
  write('0001_pupil.sql', 'create table pupil (id text primary key)')
  write('0002_empty.sql', 'select 1')
  await run()
  write('0001_pupil.sql', 'create table pupil (id uuid primary key)')
  await t.rejects(run(), /0001_pupil.sql was edited/)
  write('0001_pupil.sql', 'create table pupil (id text primary key)')
  remove('0002_empty.sql')
  await t.rejects(run(), /schema version 2, which this program does not know/)
})

t.test('steps are numbered without a gap, so that two of them cannot both be the third', async (t) => {
  const { write, run, remove } = await prepare(t)
  write('0002_pupil.sql', 'select 1')
  await t.rejects(run(), /without a gap/)
  remove('0002_pupil.sql')
  write('1_pupil.sql', 'select 1')
  await t.rejects(run(), /without a gap/)
})

t.test('no database is a reason to try again', async (t) => {
  const directory = new URL('./migrations/', import.meta.url)
  await t.rejects(
    migrate({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing', directory }),
    DatabaseUnavailable,
  )
})
