import { hash } from 'node:crypto'
import pg from 'pg'
import type { DatabaseUrls } from './databases.ts'
import { SERVICES, type ServiceName } from './settings.ts'

/** Everything that one database holds, as text: one line a row, over all schemas that are not PostgreSQL's own. */
export interface Dump {
  readonly service: ServiceName
  readonly rows: number
  readonly lines: readonly string[]
}

/** Dumps the four databases. The role of each address is a superuser, or owns the tables. */
export async function dumpDatabases(urls: DatabaseUrls): Promise<Dump[]> {
  const dumps: Dump[] = []
  for (const service of SERVICES) dumps.push(await dumpDatabase(service, urls[service]))
  return dumps
}

async function dumpDatabase(service: ServiceName, url: string): Promise<Dump> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    await showAllRows(client)
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    )
    const lines: string[] = []
    for (const { name } of tables.rows) {
      // The name comes from the catalogue, quoted by it; a whole row as text shows bytea columns in hex.
      const rows = await client.query<{ line: string }>(`select t::text as line from ${name} t`)
      for (const { line } of rows.rows) lines.push(`${name} ${line}`)
    }
    await client.query('rollback')
    await client.query('checkpoint').catch(() => undefined)
    return { service, rows: lines.length, lines }
  } finally {
    await client.end()
  }
}

/**
 * An owner sees every row of its tables as long as row-level security is not forced on it, too. It is lifted in a transaction that is never
 * committed, so nobody else sees more than before. A superuser is not held back, and owns none of them.
 */
async function showAllRows(client: pg.Client): Promise<void> {
  await client.query(`set local lock_timeout = '10s'`)
  const forced = await client.query<{ name: string }>(
    `select format('%I.%I', relnamespace::regnamespace, relname) as name from pg_class
     where relforcerowsecurity and pg_get_userbyid(relowner) = current_user order by 1`,
  )
  for (const { name } of forced.rows) await client.query(`alter table ${name} no force row level security`)
}

/** All ways in which a name, date or code can be known from what is written: it stands there, or a hash by which a guess is confirmed. */
export function traces(text: string): string[] {
  return [...encodings(text), hash('sha256', text, 'hex'), hash('sha256', text, 'base64url')]
}

/** The ways in which a text may stand in a database, a file or a log: plain, hex, base64 and base64url at any offset. */
export function encodings(text: string): string[] {
  const bytes = Buffer.from(text)
  const found = [text, bytes.toString('hex')]
  for (const offset of [0, 1, 2]) {
    // Inside a longer base64 text, only the characters that carry no bit of a neighbour are fixed.
    const base64 = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    const fixed = base64.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
    found.push(fixed, fixed.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return [...new Set(found)]
}
