import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import { asDatabaseError } from './database-unavailable.ts'

type Migration = { readonly version: number; readonly name: string; readonly text: string; readonly checksum: string }

/**
 * Brings the schema up to date with the files `NNNN_name.sql` of `directory`, each in its own transaction, one process at
 * a time. Throws when a file that ran was edited or removed, when numbers have a gap, or when the database knows a version that this
 * program does not; `DatabaseUnavailable` when there is no database.
 */
export async function migrate(options: { connectionString: string; directory: URL }): Promise<void> {
  const migrations = await readMigrations(options.directory)
  const client = new pg.Client({ connectionString: options.connectionString, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(`select pg_advisory_lock(hashtext('samen.migrate'))`)
    await applyMissing(client, migrations)
  } catch (error) {
    throw asDatabaseError(error)
  } finally {
    await client.end()
  }
}

/** The migrations of a folder in order, with their SHA-256. Throws on a name of another form, a gap or a double number. */
export async function readMigrations(directory: URL): Promise<Migration[]> {
  const base = directory.href.endsWith('/') ? directory : new URL(`${directory.href}/`)
  const names = (await readdir(base)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name, index) => {
      if (!/^\d{4}_[a-z0-9_-]+\.sql$/.test(name) || Number(name.slice(0, 4)) !== index + 1) {
        throw new Error(`migration ${name}: files are 0001_name.sql and on, without a gap`)
      }
      const text = await readFile(new URL(name, base), 'utf8')
      return { version: index + 1, name, text, checksum: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

async function applyMissing(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await client.query(`create table if not exists schema_migration (
    version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`)
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    'select version, name, checksum from schema_migration order by version',
  )
  for (const applied of rows) {
    const known = migrations[applied.version - 1]
    if (!known) throw new Error(`the database has schema version ${applied.version}, which this program does not know`)
    if (known.checksum !== applied.checksum) throw new Error(`migration ${known.name} was edited after it ran`)
  }
  for (const migration of migrations.slice(rows.length)) await apply(client, migration)
}

async function apply(client: pg.Client, { version, name, text, checksum }: Migration): Promise<void> {
  await client.query('begin')
  try {
    await client.query(text)
    await client.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
      version,
      name,
      checksum,
    ])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw new Error(`migration ${name} failed`, { cause: error })
  }
}
