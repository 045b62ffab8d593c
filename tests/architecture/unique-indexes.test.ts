import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { root } from './sources.ts'

/**
 * Where a statement may name one of several unique indexes, and why. PostgreSQL waits only at the one that is named: of two inserts at the
 * same moment that are the same in another one as well, one fails now and then, instead of doing nothing.
 */
const EXPLAINED: Readonly<Record<string, string>> = {
  'issuer school': 'the name of the school was claimed before, in node_school',
  'issuer status_list': 'the other index is over a random id',
  'issuer status_index': 'a key that is in a copy already has to fail',
  'verifier deletion_duty': 'the other index is over a random id',
}

t.test('an insert that does nothing where there is a row already, does nothing whichever index finds it', async (t) => {
  const seen = new Set<string>()
  for (const service of ['issuer', 'verifier', 'consent-registry', 'trust-anchor']) {
    const indexes = countUnique(readAll(`services/${service}/migrations/*.sql`))
    t.ok(indexes.size > 3, `${service} has tables`)
    for (const table of namedIn(readAll(`services/${service}/src/**/*.sql.ts`))) {
      if ((indexes.get(table) ?? 0) > 1) seen.add(`${service} ${table}`)
    }
  }
  t.same([...seen].sort(), Object.keys(EXPLAINED).sort())
})

t.test('both are found: the indexes of a table, and an insert that names one', async (t) => {
  const made = 'create table a (\n  x text primary key,\n  y text unique check (y > 0),\n  unique (x, y)\n);'
  t.equal(countUnique(`${made}\ncreate unique index a_z on a (z);\nalter table a add unique (w);`).get('a'), 5)
  const inserts =
    'insert into a (x) values (1) on conflict do nothing; insert into b (x) values (1) on conflict (x) do nothing'
  t.same([...namedIn(`${inserts}; insert into c (x) values (1)\n on conflict (x) do update set y = 1`)], ['b'])
})

function readAll(files: string): string {
  const found = globSync(files, { cwd: root }).sort()
  return found.map((file) => readFileSync(`${root}/${file}`, 'utf8')).join('\n')
}

/** How many unique indexes each table has got by these migrations. */
function countUnique(migrations: string): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (table: string, more: number) => counts.set(table, (counts.get(table) ?? 0) + more)
  const count = (text: string) => text.match(/\b(primary key|unique)\b/g)?.length ?? 0
  for (const [, table = '', body = ''] of migrations.matchAll(/create (?:unlogged )?table (\w+) \(([\s\S]*?)\n\);/g))
    add(table, count(body))
  for (const [, table = ''] of migrations.matchAll(/create unique index \w+ on (\w+)/g)) add(table, 1)
  for (const [, table = '', body = ''] of migrations.matchAll(/alter table (\w+)([^;]*\badd [^;]*);/g))
    add(table, count(body))
  return counts
}

/** The tables of inserts that do nothing on a conflict, and name with which index. */
function namedIn(source: string): Set<string> {
  const inserts = source.split(/insert into /).slice(1)
  const naming = inserts.filter((insert) => /on conflict \([^)]*\)[^`]{0,40}? do nothing/.test(insert))
  return new Set(naming.map((insert) => /^\w+/.exec(insert)?.[0] ?? ''))
}
