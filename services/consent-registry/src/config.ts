import { type Environment, type MemberConfig, readMemberConfig } from '@samen/node-kit'

/** What one process of the registry needs to know before it starts. `publicUrl` is its entity id. */
export type Config = MemberConfig

/** Reads the environment. Throws Error with one sentence that names the variable that is missing or wrong, never its value. */
export function readConfig(environment: Environment): Config {
  return readMemberConfig(environment, { service: 'consent registry', defaultPort: 7430 })
}
