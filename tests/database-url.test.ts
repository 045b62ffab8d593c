import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDatabase, startTestServer } from '@samen/test-kit'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type DatabaseUrls, dropWhatWasMade, openDatabases } from '../scripts/network/databases.ts'
import { dumpDatabases } from '../scripts/network/dump.ts'
import { openSettings, SERVICES, type ServiceName, type Settings } from '../scripts/network/settings.ts'

const VARIABLES: Readonly<Record<ServiceName, string>> = {
  'trust-anchor': 'TRUST_ANCHOR_DATABASE_URL',
  issuer: 'ISSUER_DATABASE_URL',
  verifier: 'VERIFIER_DATABASE_URL',
  'consent-registry': 'CONSENT_REGISTRY_DATABASE_URL',
}

async function newSettings(t: Test): Promise<Settings> {
  const folder = mkdtempSync(join(tmpdir(), 'samen-database-url-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return openSettings(folder, 'any')
}

/** A server of this test alone, since `DATABASE_URL` makes databases and roles of fixed names there. */
async function newServer(t: Test): Promise<string> {
  const { url, stop } = await startTestServer()
  t.teardown(stop)
  return url
}

/** An environment with a database for each service. */
async function ownDatabases(t: Test): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {}
  for (const service of SERVICES) env[VARIABLES[service]] = (await emptyDatabase(t)).url
  return env
}

/** As the role of each service: one row, in a table that shows even its owner only the rows of the tenant. */
async function keepOneRowEach(urls: DatabaseUrls): Promise<void> {
  for (const service of SERVICES) {
    await onDatabase(urls[service], async (client) => {
      await client.query(`
        create table kept (tenant text not null);
        alter table kept enable row level security;
        alter table kept force row level security;
        create policy kept_tenant on kept using (tenant = current_setting('samen.tenant', true))`)
      await client.query(`select set_config('samen.tenant', $1, false)`, [service])
      await client.query('insert into kept values ($1)', [service])
    })
  }
}

/** What the role of a service sees when it names no tenant. */
function visibleRows(url: string): Promise<number | null> {
  return onDatabase(url, async (client) => (await client.query('select from kept')).rowCount)
}

async function onDatabase<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const ONE_ROW_EACH = SERVICES.map((service) => ({ service, rows: 1, lines: [`public.kept (${service})`] }))
const NO_ROWS = SERVICES.map((service) => ({ service, rows: 0, lines: [] }))

t.test(
  'with DATABASE_URL each service has a role and a database on that server, and both readers see every row',
  async (t) => {
    const settings = await newSettings(t)
    const env = { DATABASE_URL: await newServer(t) }
    const { urls, superuserUrls, dataDirectory } = await openDatabases(settings, env)
    t.equal(dataDirectory, null, 'there is no embedded database')
    t.equal(new Set(Object.values(urls).map((url) => new URL(url).username)).size, 4, 'four roles')
    await keepOneRowEach(urls)
    t.equal(await visibleRows(urls.issuer), 0, 'row-level security holds back even the owner')
    t.strictSame(await dumpDatabases(superuserUrls ?? urls), ONE_ROW_EACH, 'as the superuser')
    t.strictSame(await dumpDatabases(urls), ONE_ROW_EACH, 'as the roles of the services')
    await t.rejects(
      onDatabase(urls.issuer.replace('/samen_issuer', '/samen_verifier'), async () => {}),
      { code: '42501' },
      'the role of one service does not get into the database of another',
    )

    const again = await openDatabases(settings, env)
    t.strictSame(again.urls, urls, 'the next start finds the same databases')
    t.strictSame(await dumpDatabases(again.urls), ONE_ROW_EACH)
    await dropWhatWasMade(settings.dataDirectory, env)
    t.strictSame(await dumpDatabases(urls), NO_ROWS, 'a reset leaves nothing')
  },
)

t.test(
  'with an address for each service these four are used, and the dump shows every row without a superuser',
  async (t) => {
    const settings = await newSettings(t)
    const env = await ownDatabases(t)
    const { urls, superuserUrls, dataDirectory } = await openDatabases(settings, {
      ...env,
      DATABASE_URL: 'postgres://x',
    })
    t.equal(dataDirectory, null, 'there is no embedded database')
    t.equal(superuserUrls, null, 'nobody gave us a superuser')
    for (const service of SERVICES) t.equal(urls[service], env[VARIABLES[service]], VARIABLES[service])
    await keepOneRowEach(urls)
    t.strictSame(await dumpDatabases(urls), ONE_ROW_EACH)
    for (const service of SERVICES)
      t.equal(await visibleRows(urls[service]), 0, 'after the dump the rows are held back')

    await dropWhatWasMade(settings.dataDirectory, env)
    t.strictSame(await dumpDatabases(urls), ONE_ROW_EACH, 'a reset leaves what no service of this network has made')
  },
)

t.test(
  'an environment that names some of the four databases, or others than before, is refused in one sentence',
  async (t) => {
    const settings = await newSettings(t)
    const env = Object.fromEntries(
      SERVICES.map((service) => [VARIABLES[service], 'postgres://nobody@127.0.0.1:1/none']),
    )
    const names = Object.values(VARIABLES).join(', ')
    for (const missing of Object.values(VARIABLES)) {
      const partial = { ...env, [missing]: undefined, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
      await t.rejects(openDatabases(settings, partial), { message: `Set ${names} all four, or none of them.` })
    }
    await openDatabases(settings, await ownDatabases(t))
    await t.rejects(
      openDatabases(settings, { DATABASE_URL: env.ISSUER_DATABASE_URL }),
      /begun with another DATABASE_URL/,
    )
    await t.rejects(openDatabases(settings, {}), /begun with another DATABASE_URL/)
    await t.rejects(dropWhatWasMade(settings.dataDirectory, {}), {
      message: new RegExp(`Set ${names} as you started it`),
    })
  },
)

t.test('a server that is not there, or lets nobody in, is named by the variable that says where it is', async (t) => {
  const settings = await newSettings(t)
  const env = { DATABASE_URL: 'postgres://postgres:wrong@127.0.0.1:1/postgres' }
  await t.rejects(openDatabases(settings, env), /DATABASE_URL does not let us in: .* may make roles and databases/)
})
