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
    // Two processes may start at once; PostgreSQL does not take two changes of one role at the same time.
    await client.query(`select pg_advisory_lock(hashtext('samen.ensure-databases'))`)
    for (const each of wanted) await ensureDatabase(client, each)
  } finally {
    await client.end()
  }
}

async function ensureDatabase(client: pg.Client, { database, role, password }: WantedDatabase): Promise<void> {
  const roleName = client.escapeIdentifier(role)
  const databaseName = client.escapeIdentifier(database)
  const known = await client.query<{ mighty: boolean }>(
    'select rolsuper or rolbypassrls as mighty from pg_roles where rolname = $1',
    [role],
  )
  if (known.rows[0]?.mighty) {
    throw new Error(`the database role ${role} may not be a superuser or bypass row-level security`)
  }
  const verb = known.rowCount === 0 ? 'create' : 'alter'
  await client.query(`${verb} role ${roleName} login password ${client.escapeLiteral(password)}`)
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
  if (rowCount === 0) await client.query(`create database ${databaseName} owner ${roleName}`)
  await client.query(`revoke connect, temporary on database ${databaseName} from public`)
}
