import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeyring } from '@samen/sealing'
import { emptyDatabase } from '@samen/test-kit'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type DatabaseUrls, dropWhatWasMade, openDatabases } from '../scripts/network/databases.ts'
import { openSettings, SERVICES, type ServiceName, type Settings } from '../scripts/network/settings.ts'

const variable = (service: ServiceName) => `${service.replaceAll('-', '_').toUpperCase()}_DATABASE_URL`

async function newSettings(t: Test): Promise<Settings> {
  const folder = mkdtempSync(join(tmpdir(), 'samen-reset-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return openSettings(folder, 'any')
}

/** An environment with a database for each service. */
async function ownDatabases(t: Test): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {}
  for (const service of SERVICES) env[variable(service)] = (await emptyDatabase(t)).url
  return env
}

async function query(connectionString: string, text: string, values: unknown[] = []): Promise<number | null> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(text, values)).rowCount
  } finally {
    await client.end()
  }
}

/** What every service does at its first start: a keyring in its folder, and in its database the mark of it. */
async function startOnce({ dataDirectory }: Settings, urls: DatabaseUrls): Promise<void> {
  for (const service of SERVICES) {
    const keyring = openKeyring(join(dataDirectory, service, 'keyring'), { create: true })
    await query(
      urls[service],
      'create table keyring_check (only_row boolean primary key default true, mac bytea not null)',
    )
    await query(urls[service], 'insert into keyring_check (mac) values ($1)', [keyring.mac(`${service}/keyring-check`)])
  }
}

async function tablesIn(env: NodeJS.ProcessEnv): Promise<(number | null)[]> {
  const own = `select from pg_tables where schemaname = 'public'`
  return Promise.all(SERVICES.map((service) => query(env[variable(service)] ?? '', own)))
}

t.test('a reset drops the databases that this network was started with, and never those of another', async (t) => {
  const [settings, others] = [await newSettings(t), await newSettings(t)]
  const [env, othersEnv] = [await ownDatabases(t), await ownDatabases(t)]
  await startOnce(settings, (await openDatabases(settings, env)).urls)
  await startOnce(others, (await openDatabases(others, othersEnv)).urls)
  await t.rejects(dropWhatWasMade(settings.dataDirectory, othersEnv), /not the database.*TRUST_ANCHOR_DATABASE_URL/)
  const mixed = { ...env, CONSENT_REGISTRY_DATABASE_URL: othersEnv['CONSENT_REGISTRY_DATABASE_URL'] }
  await t.rejects(dropWhatWasMade(settings.dataDirectory, mixed), /not the database.*CONSENT_REGISTRY_DATABASE_URL/)
  t.same(await tablesIn(othersEnv), [1, 1, 1, 1])
  t.same(await tablesIn(env), [1, 1, 1, 1], 'all or none')
  await dropWhatWasMade(settings.dataDirectory, env)
  t.same(await tablesIn(env), [0, 0, 0, 0])
  await dropWhatWasMade(settings.dataDirectory, env)
  t.pass('a reset that was cut off can be repeated')
})

t.test('what stands in a database in which this network never started is left as it is', async (t) => {
  const settings = await newSettings(t)
  const env = await ownDatabases(t)
  await query(env['ISSUER_DATABASE_URL'] ?? '', 'create table grades (grade integer)')
  await openDatabases(settings, env)
  await dropWhatWasMade(settings.dataDirectory, env)
  t.same(await tablesIn(env), [0, 1, 0, 0])
})

t.test('an address that was mistyped at the first start leaves nothing behind', async (t) => {
  const settings = await newSettings(t)
  const env = await ownDatabases(t)
  const mistyped = { ...env, ISSUER_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  await t.rejects(openDatabases(settings, mistyped), /ISSUER_DATABASE_URL/)
  await t.rejects(openDatabases(settings, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }))
  t.notOk(existsSync(join(settings.dataDirectory, 'database-kind')))
  await dropWhatWasMade(settings.dataDirectory, {})
  t.match((await openDatabases(settings, env)).urls.issuer, env['ISSUER_DATABASE_URL'], 'the next start is the first')
})
