import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { root } from './sources.ts'

const CANONICAL = 'packages/pg-kit/sql/kit-tables.sql'

t.test('a table of the kit is the same in every service that has it', async (t) => {
  const canonical = tablesOf(readFileSync(`${root}/${CANONICAL}`, 'utf8'))
  t.ok(canonical.size >= 4, 'the kit has its tables')
  let compared = 0
  for (const file of globSync('{services/*,packages/pg-kit/test}/migrations/*.sql', { cwd: root })) {
    for (const [name, text] of tablesOf(readFileSync(`${root}/${file}`, 'utf8'))) {
      if (!canonical.has(name)) continue
      compared += 1
      t.equal(text, canonical.get(name), `${name} in ${file}`)
    }
  }
  t.ok(compared >= 8, 'services have copies')
})

t.test('a copy that differs is seen', async (t) => {
  t.not(tablesOf('create table a (\n  x text\n);').get('a'), tablesOf('create table a (\n  x int\n);').get('a'))
})

/** The columns and checks of each table, white space folded. */
function tablesOf(sql: string): Map<string, string> {
  const tables = sql.matchAll(/create (?:unlogged )?table (\w+) \(([\s\S]*?)\n\);/g)
  return new Map([...tables].map(([, name = '', body = '']) => [name, body.replaceAll(/\s+/g, ' ').trim()]))
}
