import { readFileSync } from 'node:fs'
import { isEntityId, parseTrustAnchor, type TrustAnchor } from '@samen/federation'

/** What one process of any node needs to know before it starts. */
export type NodeConfig = {
  readonly mode: 'development' | 'production'
  /** without a trailing slash; every URL we publish starts with it (never the Host header of a request) */
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  /** holds the keys that must not lie in the database; made at the first start */
  readonly dataDirectory: string
  readonly logLevel: string
  /** development only: hosts that may be reached over plain HTTP besides loopback */
  readonly allowedHosts: readonly string[]
}

/** A member of a federation pins its anchor. */
export type MemberConfig = NodeConfig & { readonly anchor: TrustAnchor }

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads what all nodes read from the environment. `service` names it in messages. `MODE` has no default: a node that nobody told so must
 * not trust loopback and plain HTTP. Throws Error with one sentence that names the variable that is missing or wrong, never its value.
 */
export function readNodeConfig(
  environment: Environment,
  { service, defaultPort }: { service: string; defaultPort: number },
): NodeConfig {
  const mode = required(environment, 'MODE', service)
  if (mode !== 'development' && mode !== 'production') throw new Error('MODE must be development or production')
  return {
    mode,
    publicUrl: readPublicUrl(required(environment, 'PUBLIC_URL', service), mode),
    host: environment['HOST'] ?? '127.0.0.1',
    port: readPort('PORT', environment['PORT'] ?? String(defaultPort)),
    databaseUrl: required(environment, 'DATABASE_URL', service),
    dataDirectory: required(environment, 'DATA_DIR', service),
    logLevel: environment['LOG_LEVEL'] ?? 'info',
    allowedHosts: mode === 'development' ? splitList(environment['ALLOWED_HOSTS'] ?? '') : [],
  }
}

/** As `readNodeConfig`, with the anchor of the federation out of `TRUST_ANCHOR_FILE`, which came out of band. */
export function readMemberConfig(
  environment: Environment,
  node: { service: string; defaultPort: number },
): MemberConfig {
  const file = required(environment, 'TRUST_ANCHOR_FILE', node.service)
  return { ...readNodeConfig(environment, node), anchor: readAnchor(file) }
}

/** Throws Error when it is no port. */
export function readPort(name: string, text: string): number {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`${name} must be a number from 0 to 65535`)
  }
  return port
}

function required(environment: Environment, name: string, service: string): string {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`the ${service} cannot start: ${name} is not set`)
  return value
}

/** The URL is, or begins, an entity id, so it has one spelling; a slash at the end is dropped, since paths are appended. */
function readPublicUrl(text: string, mode: NodeConfig['mode']): string {
  const url = text.replace(/\/$/, '')
  if (!isEntityId(url) || (mode === 'production' && !url.startsWith('https:'))) {
    throw new Error('PUBLIC_URL must be an absolute https URL in its canonical form, without query or fragment')
  }
  return url
}

function splitList(text: string): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]))
}

function readAnchor(file: string): TrustAnchor {
  try {
    return parseTrustAnchor(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new Error('TRUST_ANCHOR_FILE must name a readable file with the members entity_id, jwks and ca', { cause })
  }
}
