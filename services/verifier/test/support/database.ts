import pg from 'pg'

/** Every row of every table, also those that row-level security hides, as text. */
export async function dumpRows(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'jobs')`,
    )
    const texts = []
    for (const { name } of tables) {
      const { rows } = await client.query(`select t::text as row from ${name} t`)
      texts.push(...rows.map(({ row }) => `${name} ${row}`))
    }
    return texts.join('\n')
  } finally {
    await client.end()
  }
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
