import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDatabases, startDevPostgres } from '@samen/pg-dev'
import { SERVICES, type ServiceName, type Settings } from './settings.ts'
import { onDatabase, startedBefore } from './started-before.ts'

export type DatabaseUrls = Readonly<Record<ServiceName, string>>

/** A database and a role for each service. */
export interface Databases {
  readonly urls: DatabaseUrls
  /** The same databases for a reader who may see every row, or null where the operator gave us no such role. */
  readonly superuserUrls: DatabaseUrls | null
  /** The files of the embedded server, or null when the server is not ours. */
  readonly dataDirectory: string | null
  /** One sentence for the reader of the story. */
  readonly description: string
  stop(): Promise<void>
}

/**
 * Opens the four databases: those of `<SERVICE>_DATABASE_URL`, else four on the server of `DATABASE_URL`, else four on an
 * embedded PostgreSQL below the data folder.
 */
export async function openDatabases(settings: Settings, env: NodeJS.ProcessEnv): Promise<Databases> {
  const kind = kindOf(env)
  assertSameKind(settings.dataDirectory, kind)
  const databases = await open(settings, kind, env)
  // Only now: an address that was mistyped at the first start leaves nothing that a second one could stumble over.
  writeFileSync(kindFile(settings.dataDirectory), kind)
  return databases
}

function open(settings: Settings, kind: Kind, env: NodeJS.ProcessEnv): Promise<Databases> {
  if (kind === 'own') return ownDatabases(env)
  return kind === 'server' ? onServer(settings, env.DATABASE_URL ?? '') : embedded(settings)
}

/**
 * Drops, in databases that are not below the data folder, everything that the roles of the services own there: tables, functions, the
 * schema of the jobs. A database in which the service of this network never started is left as it is. Throws Error with what to do, before
 * anything is dropped, when the environment does not say where they are, or names one of another network.
 */
export async function dropWhatWasMade(dataDirectory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const kind = keptKind(dataDirectory)
  if (kind === undefined || kind === 'embedded') return
  const needed = kind === 'own' ? SERVICES.map(variable).join(', ') : 'DATABASE_URL'
  if (kindOf(env) !== kind) {
    throw new Error(
      `This network keeps its data on a server of yours. Set ${needed} as you started it, and reset again.`,
    )
  }
  // With the password that this network gave its roles: on another server it opens nothing.
  const urls = kind === 'own' ? ownUrls(env) : roleUrls(env.DATABASE_URL ?? '', keptPassword(dataDirectory))
  const services = kind === 'own' ? await startedHere(dataDirectory, urls) : SERVICES
  for (const service of services) {
    await onDatabase(urls[service], (client) => client.query('drop owned by current_user cascade'))
  }
}

/** Whoever changed a variable since would lose what another network, or a program of its own, keeps there. */
async function startedHere(dataDirectory: string, urls: DatabaseUrls): Promise<ServiceName[]> {
  const started: ServiceName[] = []
  for (const service of SERVICES) {
    const by = await startedBefore(dataDirectory, service, urls[service])
    if (by === 'other') {
      throw new Error(
        `This is not the database with which this network was started: set ${variable(service)} as you started it, and reset again.`,
      )
    }
    if (by === 'this') started.push(service)
  }
  return started
}

/** Whose server it is: ours below the data folder, one of the operator's for all services, or a database for each. */
type Kind = 'embedded' | 'server' | 'own'

function kindOf(env: NodeJS.ProcessEnv): Kind {
  const given = SERVICES.filter((service) => env[variable(service)])
  if (given.length === SERVICES.length) return 'own'
  if (given.length > 0) throw new Error(`Set ${SERVICES.map(variable).join(', ')} all four, or none of them.`)
  return env.DATABASE_URL ? 'server' : 'embedded'
}

/** The keys below the data folder open one set of databases and no other. */
function assertSameKind(dataDirectory: string, kind: Kind): void {
  const kept = keptKind(dataDirectory)
  if (kept !== undefined && kept !== kind) {
    throw new Error(
      'This network was begun with another DATABASE_URL: start it as before, or begin anew with `npm run reset`.',
    )
  }
}

function keptKind(dataDirectory: string): Kind | undefined {
  const file = kindFile(dataDirectory)
  return existsSync(file) ? (readFileSync(file, 'utf8') as Kind) : undefined
}

function kindFile(dataDirectory: string): string {
  return join(dataDirectory, 'database-kind')
}

async function ownDatabases(env: NodeJS.ProcessEnv): Promise<Databases> {
  const urls = ownUrls(env)
  for (const service of SERVICES) await assertAnswers(urls[service], variable(service))
  return {
    urls,
    superuserUrls: null,
    dataDirectory: null,
    description: 'the four databases of your environment',
    stop: async () => {},
  }
}

async function assertAnswers(connectionString: string, name: string): Promise<void> {
  try {
    await onDatabase(connectionString, (client) => client.query('select 1'))
  } catch (cause) {
    throw new Error(`The database of ${name} does not let us in.`, { cause })
  }
}

function ownUrls(env: NodeJS.ProcessEnv): DatabaseUrls {
  return each((service) => env[variable(service)] ?? '')
}

/** The databases of services that somebody else runs, for the search at the end: `DATABASE_URL` has to be a superuser's. */
export function attachDatabases(env: NodeJS.ProcessEnv): Databases {
  const serverUrl = env.DATABASE_URL
  if (!serverUrl) throw new Error('Set DATABASE_URL to the server of the running services.')
  const urls = superuserUrls(serverUrl)
  return {
    urls,
    superuserUrls: urls,
    dataDirectory: null,
    description: 'the PostgreSQL of DATABASE_URL',
    stop: async () => {},
  }
}

function variable(service: ServiceName): string {
  return `${service.replaceAll('-', '_').toUpperCase()}_DATABASE_URL`
}

async function embedded(settings: Settings): Promise<Databases> {
  const server = await startDevPostgres({ directory: join(settings.dataDirectory, 'postgres') })
  const wanted = SERVICES.map((service) => ({ database: nameOf(service), role: nameOf(service), password: '' }))
  await ensureDatabases(server.url('postgres', 'postgres'), wanted)
  return {
    urls: each((service) => server.url(nameOf(service), nameOf(service))),
    superuserUrls: each((service) => server.url(nameOf(service), 'postgres')),
    dataDirectory: server.dataDirectory,
    description: 'an embedded PostgreSQL on loopback, a database and a role for each service',
    stop: server.stop,
  }
}

async function onServer(settings: Settings, serverUrl: string): Promise<Databases> {
  const password = keptPassword(settings.dataDirectory)
  const wanted = SERVICES.map((service) => ({ database: nameOf(service), role: nameOf(service), password }))
  await ensureDatabases(serverUrl, wanted).catch((cause: unknown) => {
    const needed = 'it has to be the address of a role that may make roles and databases'
    throw new Error(`The server of DATABASE_URL does not let us in: ${needed}.`, { cause })
  })
  return {
    urls: roleUrls(serverUrl, password),
    superuserUrls: superuserUrls(serverUrl),
    dataDirectory: null,
    description: 'the PostgreSQL of DATABASE_URL, a database and a role for each service',
    stop: async () => {},
  }
}

/** The database of each service on one server, as its own role. */
function roleUrls(serverUrl: string, password: string): DatabaseUrls {
  return each((service) => {
    const url = new URL(superuserUrls(serverUrl)[service])
    url.username = nameOf(service)
    url.password = password
    return url.href
  })
}

/** The same databases, as whoever the address of the server is for. */
function superuserUrls(serverUrl: string): DatabaseUrls {
  return each((service) => {
    const url = new URL(serverUrl)
    url.pathname = `/${nameOf(service)}`
    return url.href
  })
}

function nameOf(service: ServiceName): string {
  return `samen_${service.replaceAll('-', '_')}`
}

function each(url: (service: ServiceName) => string): DatabaseUrls {
  return Object.fromEntries(SERVICES.map((service) => [service, url(service)])) as DatabaseUrls
}

/** The roles on a server that is not ours keep one password, made once and kept with the other keys of this network. */
function keptPassword(dataDirectory: string): string {
  const file = join(dataDirectory, 'database-password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}
