import { join } from 'node:path'
import { isEntityId } from '@samen/federation'

/** What one process of the trust anchor needs to know before it starts. The only reader of the environment in this service. */
export interface Config {
  readonly mode: 'development' | 'production'
  /** the anchor's entity id, without a trailing slash */
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  /** where members are admitted: never reachable from outside */
  readonly privateHost: string
  readonly privatePort: number
  readonly databaseUrl: string
  /** holds `keyring` and `operator-key`, and `public/trust-anchor.json` for the other nodes */
  readonly dataDirectory: string
  readonly logLevel: string
  /** development only: hosts that may be reached over plain HTTP besides loopback */
  readonly allowedHosts: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads the environment. Throws Error with one sentence that names the variable that is missing or wrong, never its value. */
export function readConfig(environment: Environment = process.env): Config {
  const mode = environment['MODE'] ?? 'development'
  if (mode !== 'development' && mode !== 'production') throw new Error('MODE must be development or production')
  return {
    mode,
    publicUrl: readPublicUrl(required(environment, 'PUBLIC_URL'), mode),
    host: environment['HOST'] ?? '127.0.0.1',
    port: readPort('PORT', environment['PORT'] ?? '7400'),
    privateHost: environment['PRIVATE_HOST'] ?? '127.0.0.1',
    privatePort: readPort('PRIVATE_PORT', environment['PRIVATE_PORT'] ?? '7401'),
    databaseUrl: required(environment, 'DATABASE_URL'),
    dataDirectory: required(environment, 'DATA_DIR'),
    logLevel: environment['LOG_LEVEL'] ?? 'info',
    allowedHosts: mode === 'development' ? splitList(environment['ALLOWED_HOSTS'] ?? '') : [],
  }
}

/** Where the two secrets of the process lie, and the file that every other node pins. */
export function filesOf({ dataDirectory }: Pick<Config, 'dataDirectory'>) {
  return {
    keyring: join(dataDirectory, 'keyring'),
    operatorKey: join(dataDirectory, 'operator-key'),
    trustAnchor: join(dataDirectory, 'public', 'trust-anchor.json'),
  }
}

function required(environment: Environment, name: string): string {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`the trust anchor cannot start: ${name} is not set`)
  return value
}

/** The URL is our entity id, so it has one spelling; a slash at the end is dropped, since paths are appended. */
function readPublicUrl(text: string, mode: Config['mode']): string {
  const url = text.replace(/\/$/, '')
  if (!isEntityId(url) || (mode === 'production' && !url.startsWith('https:'))) {
    throw new Error('PUBLIC_URL must be an absolute https URL in its canonical form, without query or fragment')
  }
  return url
}

function readPort(name: string, text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${name} must be a number from 0 to 65535`)
  return port
}

function splitList(text: string): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]))
}
