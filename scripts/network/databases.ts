import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDatabases, startDevPostgres } from '@samen/pg-dev'
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
  const own = Object.fromEntries(SERVICES.map((service) => [service, env[variable(service)]]))
  if (Object.values(own).every(Boolean)) {
    return {
      urls: own as DatabaseUrls,
      superuserUrls: null,
      dataDirectory: null,
      description: 'the four databases of your environment',
      stop: async () => {},
    }
  }
  if (Object.values(own).some(Boolean)) {
    throw new Error(`Set ${SERVICES.map(variable).join(', ')} all four, or none of them.`)
  }
  return env.DATABASE_URL ? onServer(settings, env.DATABASE_URL) : embedded(settings)
}

/** The databases of services that somebody else runs, for the search at the end: `DATABASE_URL` has to be a superuser's. */
export function attachDatabases(env: NodeJS.ProcessEnv): Databases {
  const serverUrl = env.DATABASE_URL
  if (!serverUrl) throw new Error('Set DATABASE_URL to the server of the running services.')
  const urls = each((service) => {
    const url = new URL(serverUrl)
    url.pathname = `/${nameOf(service)}`
    return url.href
  })
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
  const password = keptPassword(settings)
  await ensureDatabases(
    serverUrl,
    SERVICES.map((service) => ({ database: nameOf(service), role: nameOf(service), password })),
  )
  const at = (service: ServiceName, credentials?: { user: string; password: string }) => {
    const url = new URL(serverUrl)
    url.pathname = `/${nameOf(service)}`
    if (credentials) {
      url.username = credentials.user
      url.password = credentials.password
    }
    return url.href
  }
  return {
    urls: each((service) => at(service, { user: nameOf(service), password })),
    superuserUrls: each((service) => at(service)),
    dataDirectory: null,
    description: 'the PostgreSQL of DATABASE_URL, a database and a role for each service',
    stop: async () => {},
  }
}

function nameOf(service: ServiceName): string {
  return `samen_${service.replaceAll('-', '_')}`
}

function each(url: (service: ServiceName) => string): DatabaseUrls {
  return Object.fromEntries(SERVICES.map((service) => [service, url(service)])) as DatabaseUrls
}

/** The roles on a server that is not ours keep one password, made once and kept with the other keys of this network. */
function keptPassword(settings: Settings): string {
  const file = join(settings.dataDirectory, 'database-password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8')
}
