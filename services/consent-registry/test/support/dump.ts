import type { Db } from '@samen/pg-kit'

/** One value of a row, as text, with where it stands. */
export type DumpedValue = {
  readonly table: string
  readonly row: Record<string, unknown>
  readonly column: string
  readonly text: string
}

const statement = (text: string) => ({ name: '', text, values: [] })

/** Every value of every table of the registry, jobs included, as a thief of the database would have them. */
export async function dumpValues(db: Db): Promise<DumpedValue[]> {
  const tables = await db.many<{ name: string }>(
    statement(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'jobs')`,
    ),
  )
  const values: DumpedValue[] = []
  for (const { name } of tables) {
    const rows = await db.many<{ row: Record<string, unknown> }>(statement(`select to_jsonb(t) as row from ${name} t`))
    for (const { row } of rows) {
      for (const [column, value] of Object.entries(row)) {
        if (value !== null)
          values.push({ table: name, row, column, text: typeof value === 'string' ? value : JSON.stringify(value) })
      }
    }
  }
  return values
}
