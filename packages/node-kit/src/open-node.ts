import { join } from 'node:path'
import { type AppOptions, createFetcher, createLogger, type Fetcher, type Logger } from '@samen/http-kit'
import { type Db, type Jobs, migrate, openDb, openJobs, type QueueOptions } from '@samen/pg-kit'
import { type Keyring, pooledRandom } from '@samen/sealing'
import { openKnownKeyring } from './open-keyring.ts'
import type { NodeConfig } from './read-node-config.ts'

/** What a process takes from its surroundings, and a test may replace: the clock, chance, the network, where log lines go. */
export type World = {
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly fetcher?: Fetcher
  readonly logStream?: NonNullable<AppOptions['logger']['stream']>
}

export const SYSTEM: World = { now: () => new Date(), random: pooledRandom }

/** How one service differs from another when it starts. */
export type NodeKind = {
  readonly service: string
  readonly migrations: URL
  readonly connections: number
  readonly statementTimeoutMs: number
  readonly queues: readonly QueueOptions[]
}

/** The parts that every service has. */
export type Node = {
  readonly mode: NodeConfig['mode']
  /** without a trailing slash */
  readonly publicUrl: string
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly db: Db
  readonly jobs: Jobs
  /** the key outside the database */
  readonly keyring: Keyring
  readonly fetcher: Fetcher
  readonly log: Logger
  /** level and target of the log, for the app's own lines */
  readonly logging: AppOptions['logger']
  /** closes what was opened, jobs before the database */
  readonly close: () => Promise<void>
}

/** Making the job tables at the first start is one statement, and nobody waits for an answer of the queues. */
const JOB_STATEMENT_MS = 30_000

/**
 * Brings the schema up to date and opens database, keyring, jobs and network. Throws Error with one sentence when a node cannot be started
 * safely: no database, one that forgets, a schema of a newer program, a missing or other keyring.
 */
export async function openNode(config: NodeConfig, kind: NodeKind, world: World): Promise<Node> {
  const { databaseUrl: connectionString, mode, publicUrl } = config
  const { service: applicationName, connections: max, statementTimeoutMs, queues } = kind
  const logging = { level: config.logLevel, ...(world.logStream && { stream: world.logStream }) }
  const log = createLogger({ name: applicationName, ...logging })
  const db = await openDb({ connectionString, max, applicationName, statementTimeoutMs })
  try {
    // Only now that the role is known to be a right one: what another one made, a right one could not use.
    await migrate({ connectionString, directory: kind.migrations })
    const keyring = await openKnownKeyring(db, join(config.dataDirectory, 'keyring'), applicationName)
    const onError = ({ queue, cause }: { queue: string; cause: unknown }) =>
      log.warn({ queue, err: cause }, 'a job failed')
    const jobs = await openJobs({
      connectionString,
      applicationName,
      queues,
      onError,
      statementTimeoutMs: JOB_STATEMENT_MS,
    })
    const fetcher = world.fetcher ?? createFetcher({ mode, allowedHosts: config.allowedHosts })
    const close = async () => {
      await jobs.stop()
      await fetcher.close()
      await db.close()
    }
    const { now, random } = world
    return { mode, publicUrl, now, random, db, jobs, keyring, fetcher, log, logging, close }
  } catch (error) {
    await db.close()
    throw error
  }
}
