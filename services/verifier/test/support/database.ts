import { readEveryRow } from '@samen/test-kit'
import pg from 'pg'

/** Every row of every table, also those that row-level security hides, as text. */
export async function dumpRows(superuserUrl: string): Promise<string> {
  return (await readEveryRow(superuserUrl)).map(({ table, line }) => `${table} ${line}`).join('\n')
}

/** From now on a table takes no new row, as if the database went away just then; the returned function ends that. */
export async function failInserts(
  t: { teardown(work: () => Promise<void>): unknown },
  superuserUrl: string,
  table: string,
): Promise<() => Promise<void>> {
  const admin = new pg.Client({ connectionString: superuserUrl })
  await admin.connect()
  t.teardown(() => admin.end())
  await admin.query(`create function be_away() returns trigger language plpgsql as
    $$ begin raise exception 'away' using errcode = '57P01'; end $$`)
  await admin.query(`create trigger away before insert on ${table} for each row execute function be_away()`)
  return async () => void (await admin.query(`drop trigger away on ${table}`))
}

/** From now on nobody reads or writes a table, as if the database were slow; the returned function ends that. */
export async function holdTable(superuserUrl: string, table: string): Promise<() => Promise<void>> {
  const admin = new pg.Client({ connectionString: superuserUrl })
  await admin.connect()
  await admin.query(`begin; lock table ${table} in access exclusive mode`)
  return () => admin.end()
}

/** Counts what is sent to PostgreSQL by this process until the returned function is called. Setting a tenant counts too. */
export function countStatements(counter: { statements: number }): () => void {
  const { prototype } = pg.Client
  const { query } = prototype
  prototype.query = function counted(this: pg.Client, ...parameters: never[]) {
    counter.statements += 1
    return (query as (...all: never[]) => never).apply(this, parameters)
  } as never
  return () => {
    prototype.query = query
  }
}
