import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseTrustAnchor, type TrustAnchor } from '@samen/federation'

/** What one process of the registry needs to know before it starts. The only reader of the environment in this service. */
export interface Config {
  readonly mode: 'development' | 'production'
  /** the entity id, without a trailing slash; every URL we publish starts with it (never the Host header of a request) */
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  /** holds `keyring`, made at the first start, and `checkpoint`, the last head of the log that was seen */
  readonly dataDirectory: string
  readonly logLevel: string
  readonly anchor: TrustAnchor
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
    port: readPort(environment['PORT'] ?? '7430'),
    databaseUrl: required(environment, 'DATABASE_URL'),
    dataDirectory: required(environment, 'DATA_DIR'),
    logLevel: environment['LOG_LEVEL'] ?? 'info',
    anchor: readAnchor(required(environment, 'TRUST_ANCHOR_FILE')),
    allowedHosts: mode === 'development' ? splitList(environment['ALLOWED_HOSTS'] ?? '') : [],
  }
}

/** The files of the data directory. */
export function dataFiles(dataDirectory: string): { keyring: string; checkpoint: string } {
  return { keyring: join(dataDirectory, 'keyring'), checkpoint: join(dataDirectory, 'checkpoint') }
}

function required(environment: Environment, name: string): string {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`the consent registry cannot start: ${name} is not set`)
  return value
}

function readPublicUrl(text: string, mode: Config['mode']): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain =
    url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!isPlain || (url.protocol !== 'https:' && mode === 'production')) {
    throw new Error('PUBLIC_URL must be an absolute https URL without query or fragment')
  }
  return text.replace(/\/$/, '')
}

function readPort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('PORT must be a number from 0 to 65535')
  return port
}

function splitList(text: string): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]))
}

function readAnchor(file: string): TrustAnchor {
  try {
    return parseTrustAnchor(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error('TRUST_ANCHOR_FILE cannot be read as a trust anchor', { cause })
  }
}
