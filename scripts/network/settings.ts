import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anyFreePort, isFree } from './ports.ts'

/** The four services, in the order in which they start: the anchor first, since the others pin its keys. */
export const SERVICES = ['trust-anchor', 'issuer', 'verifier', 'consent-registry'] as const
export type ServiceName = (typeof SERVICES)[number]

/** Where a local network lives and on which ports. Ports are part of every entity id, so they are chosen once and kept. */
export interface Settings {
  readonly root: string
  readonly dataDirectory: string
  readonly ports: Readonly<Record<ServiceName | 'trust-anchor-private', number>>
}

type PortChoice = 'well-known' | 'preferred' | 'any'

const WELL_KNOWN: Settings['ports'] = {
  'trust-anchor': 7400,
  'trust-anchor-private': 7401,
  issuer: 7410,
  verifier: 7420,
  'consent-registry': 7430,
}

/**
 * Reads the settings of the network in `dataDirectory`, or makes them.
 *
 * @param dataDirectory absolute path; created when it is missing
 * @param ports `well-known`: where somebody else's services listen; `preferred`: the same where they are free; `any`: any free
 *   ones, for networks side by side
 */
export async function openSettings(dataDirectory: string, ports: PortChoice): Promise<Settings> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const file = join(dataDirectory, 'network.json')
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify({ ports: await choosePorts(ports) }, null, 2)}\n`)
  return { root, dataDirectory, ...JSON.parse(readFileSync(file, 'utf8')) }
}

async function choosePorts(ports: PortChoice): Promise<Settings['ports']> {
  if (ports === 'well-known') return WELL_KNOWN
  const chosen: Record<string, number> = {}
  for (const [name, port] of Object.entries(WELL_KNOWN)) {
    chosen[name] = ports === 'preferred' && (await isFree(port)) ? port : await anyFreePort()
  }
  return chosen as Settings['ports']
}

/** The public base URL of a service of this network, without a trailing slash. */
export function publicUrl(settings: Settings, service: ServiceName): string {
  return `http://127.0.0.1:${settings.ports[service]}`
}

/** Where the operator of the federation admits members, without a trailing slash. */
export function privateUrl(settings: Settings): string {
  return `http://127.0.0.1:${settings.ports['trust-anchor-private']}`
}
