import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDatabases, startDevPostgres } from '@samen/pg-dev'
import pg from 'pg'
import { SERVICES, type ServiceName, type Settings } from './settings.ts'

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
  rememberKind(settings.dataDirectory, kind)
  if (kind === 'own') {
    return {
      urls: ownUrls(env),
      superuserUrls: null,
      dataDirectory: null,
      description: 'the four databases of your environment',
      stop: async () => {},
    }
  }
  return kind === 'server' ? onServer(settings, env.DATABASE_URL ?? '') : embedded(settings)
}

/**
 * Drops, in databases that are not below the data folder, everything that the roles of the services own there: tables, functions, the
 * schema of the jobs. Throws Error with what to do when the environment does not say where they are.
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
  for (const service of SERVICES) await dropOwned(urls[service])
}

async function dropOwned(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    await client.query('drop owned by current_user cascade')
  } finally {
    await client.end()
  }
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
function rememberKind(dataDirectory: string, kind: Kind): void {
  const kept = keptKind(dataDirectory)
  if (kept !== undefined && kept !== kind) {
    throw new Error(
      'This network was begun with another DATABASE_URL: start it as before, or begin anew with `npm run reset`.',
    )
  }
  writeFileSync(kindFile(dataDirectory), kind)
}

function keptKind(dataDirectory: string): Kind | undefined {
  const file = kindFile(dataDirectory)
  return existsSync(file) ? (readFileSync(file, 'utf8') as Kind) : undefined
}

function kindFile(dataDirectory: string): string {
  return join(dataDirectory, 'database-kind')
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
  await ensureDatabases(
    serverUrl,
    SERVICES.map((service) => ({ database: nameOf(service), role: nameOf(service), password })),
  )
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
