import pg from 'pg'

export type WantedDatabase = { readonly database: string; readonly role: string; readonly password: string }

/**
 * Creates, where missing, a login role without superuser and bypassrls rights and a database it owns, for each entry;
 * nobody else may connect to it. Sets the given password on a role that exists. Throws on a role that could step over
 * row-level security, and on connection errors.
 */
export async function ensureDatabases(superuserUrl: string, wanted: readonly WantedDatabase[]): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl })
  await client.connect()
  try {
    for (const each of wanted) await ensureDatabase(client, each)
  } finally {
    await client.end()
  }
}

async function ensureDatabase(client: pg.Client, { database, role, password }: WantedDatabase): Promise<void> {
  const roleName = client.escapeIdentifier(role)
  const databaseName = client.escapeIdentifier(database)
  const login = `login password ${client.escapeLiteral(password)}`
  await createUnlessThere(client, `create role ${roleName} ${login}`)
  await client.query(`alter role ${roleName} ${login}`)
  const { rows } = await client.query('select rolsuper or rolbypassrls as mighty from pg_roles where rolname = $1', [
    role,
  ])
  if (rows[0]?.mighty) throw new Error(`the database role ${role} may not be a superuser or bypass row-level security`)
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
  if (rowCount === 0) await createUnlessThere(client, `create database ${databaseName} owner ${roleName}`)
  await client.query(`revoke connect, temporary on database ${databaseName} from public`)
}

// Two processes may start at once: whoever comes second finds the thing there (42710, 42P04) or half there (23505).
async function createUnlessThere(client: pg.Client, statement: string): Promise<void> {
  try {
    await client.query(statement)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== '42710' && code !== '42P04' && code !== '23505') throw error
  }
}
