import t from 'tap'
import { json, type Sql, sql } from './sql.ts'

t.test('what is put into a statement is a value and never SQL', async (t) => {
  const statement = sql`select * from pupil where name = ${"'; drop table pupil; --"} and year = ${8}`
  t.equal(statement.text, 'select * from pupil where name = $1 and year = $2')
  t.same(statement.values, ["'; drop table pupil; --", 8])
})

t.test('the same text has the same name, so that a connection prepares it once; another text another', async (t) => {
  const find = (id: string) => sql`select ${id}`
  t.equal(find('a').name, find('b').name)
  t.equal(sql`select ${'elsewhere'}`.name, find('a').name)
  t.not(sql`select ${'a'}, 1`.name, find('a').name)
  t.ok(find('a').name.length < 64, 'PostgreSQL cuts longer names')
})

t.test('a text that was put together by hand does not compile as a statement', async (t) => {
  // @ts-expect-error: only the tag makes statements
  const byHand: Sql = { name: '', text: `select ${1}`, values: [] }
  t.notSame(byHand, sql`select ${1}`)
})

t.test('a list for a json column is bound as one text', async (t) => {
  t.equal(json(['a', 1]), '["a",1]')
})
