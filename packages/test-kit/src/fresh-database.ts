import { randomBytes } from 'node:crypto'
import { ensureDatabases } from '@samen/pg-dev'
import pg from 'pg'
import { addressOf } from './database-address.ts'
import { TEST_ROLE, templateFor } from './template-database.ts'
import { testServerUrl } from './test-server.ts'

export type FreshDatabase = {
  /** For the service: a role that owns the database and is bound by row-level security. */
  readonly url: string
  /** For looking behind the scenes: the superuser's address of the same database. */
  readonly superuserUrl: string
}

/** The part of a tap test that is needed here. */
export type Test = { readonly teardown: (work: () => Promise<void> | void) => unknown }

/**
 * An empty database of one test with the migrations of a folder (and the job tables) in place; removed when the test is
 * over, whoever is still connected. Takes about a tenth of a second: it is a copy of a prepared one.
 */
export async function freshDatabase(t: Test, { migrations }: { migrations: URL }): Promise<FreshDatabase> {
  const server = await testServerUrl()
  const template = await templateFor(server, migrations)
  const name = `samen_test_${randomBytes(8).toString('hex')}`
  await runOn(server, `create database ${name} template ${template} owner ${TEST_ROLE.role}`)
  await runOn(server, `revoke connect, temporary on database ${name} from public`)
  t.teardown(() => runOn(server, `drop database if exists ${name} with (force)`))
  return { url: addressOf(server, name, TEST_ROLE), superuserUrl: addressOf(server, name) }
}

/** An empty database without any migration, for testing the migrations themselves; else as `freshDatabase`. */
export async function emptyDatabase(t: Test): Promise<FreshDatabase> {
  const server = await testServerUrl()
  const name = `samen_test_${randomBytes(8).toString('hex')}`
  await ensureDatabases(server, [{ database: name, ...TEST_ROLE }])
  t.teardown(() => runOn(server, `drop database if exists ${name} with (force)`))
  return { url: addressOf(server, name, TEST_ROLE), superuserUrl: addressOf(server, name) }
}

async function runOn(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
