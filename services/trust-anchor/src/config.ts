import { join } from 'node:path'
import { type Environment, type NodeConfig, readNodeConfig, readPort } from '@samen/node-kit'

/** What one process of the trust anchor needs to know before it starts. `publicUrl` is the anchor's entity id. */
export interface Config extends NodeConfig {
  /** where members are admitted: never reachable from outside */
  readonly privateHost: string
  readonly privatePort: number
}

/** Reads the environment. Throws Error with one sentence that names the variable that is missing or wrong, never its value. */
export function readConfig(environment: Environment): Config {
  return {
    ...readNodeConfig(environment, { service: 'trust anchor', defaultPort: 7400 }),
    privateHost: environment['PRIVATE_HOST'] ?? '127.0.0.1',
    privatePort: readPort('PRIVATE_PORT', environment['PRIVATE_PORT'] ?? '7401'),
  }
}

/** The files in the data directory besides the keyring: the operator's key, and what every other node pins. */
export function filesOf({ dataDirectory }: Pick<Config, 'dataDirectory'>) {
  return {
    operatorKey: join(dataDirectory, 'operator-key'),
    trustAnchor: join(dataDirectory, 'public', 'trust-anchor.json'),
  }
}
