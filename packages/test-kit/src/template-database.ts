import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { ensureDatabases } from '@samen/pg-dev'
import { installJobs, migrate } from '@samen/pg-kit'
import pg from 'pg'
import { addressOf } from './database-address.ts'

/** The one role of all test databases: an ordinary one, without superuser or bypassrls. */
export const TEST_ROLE = { role: 'samen_test', password: 'samen_test' }

export const TEMPLATE_PREFIX = 'samen_template_'

/**
 * The name of a database with these migrations, made at most once per content and server even when several processes ask
 * at the same time. Nobody can connect to it, so that it can always be copied.
 */
export function templateFor(server: string, migrations: URL): Promise<string> {
  const name = `${TEMPLATE_PREFIX}${contentHash(migrations)}`
  let template = templates.get(name)
  if (!template) {
    template = makeOnce(server, name, migrations)
    templates.set(name, template)
  }
  return template
}

const templates = new Map<string, Promise<string>>()

async function makeOnce(server: string, name: string, migrations: URL): Promise<string> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [TEMPLATE_PREFIX])
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount === 0) await make(client, server, name, migrations)
  } finally {
    await client.end()
  }
  return name
}

// Built under another name: a template that failed half way is never taken for a whole one.
async function make(client: pg.Client, server: string, name: string, migrations: URL): Promise<void> {
  const draft = `${name}_draft`
  await client.query(`drop database if exists ${draft} with (force)`)
  await ensureDatabases(server, [{ database: draft, ...TEST_ROLE }])
  const connectionString = addressOf(server, draft, TEST_ROLE)
  await migrate({ connectionString, directory: migrations })
  await installJobs(connectionString)
  await client.query(`alter database ${draft} with allow_connections false`)
  await client.query(`alter database ${draft} rename to ${name}`)
}

function contentHash(migrations: URL): string {
  const base = new URL(`${migrations.href.replace(/\/$/, '')}/`)
  const content = createHash('sha256')
  for (const file of readdirSync(base).sort())
    content
      .update(file)
      .update('\0')
      .update(readFileSync(new URL(file, base)))
  return content.digest('hex').slice(0, 24)
}

/** Removes all templates from a server that outlives the run. */
export async function dropTemplates(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select datname as name from pg_database where starts_with(datname, $1)`,
      [TEMPLATE_PREFIX],
    )
    for (const { name } of rows)
      await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  } finally {
    await client.end()
  }
}
