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
