import type { TrustAnchor } from '@samen/federation'
import { type AppOptions, createFetcher, createLogger, type Fetcher, type Logger } from '@samen/http-kit'
import { type Db, type Jobs, migrate, openDb, openJobs } from '@samen/pg-kit'
import { openOperatorKey } from '@samen/sealing'
import { type AnchorKeys, openAnchorKeys } from './anchor/anchor-keys.ts'
import { publishTrustAnchor } from './anchor/publish-trust-anchor.ts'
import { type Config, filesOf } from './config.ts'
import { type Members, openMembers } from './member/members.ts'

/** Everything that is not a pure function of its arguments: time, network, keys, storage. Always the first argument. */
export interface Deps {
  readonly mode: 'development' | 'production'
  /** the anchor's entity id */
  readonly entityId: string
  readonly db: Db
  readonly jobs: Jobs
  readonly keys: AnchorKeys
  /** the members as this process knows them; signed documents are served from here */
  readonly members: Members
  readonly fetcher: Fetcher
  readonly now: () => Date
  /** SHA-256 of the key with which the operator admits and expels members */
  readonly operatorKeyHash: Buffer
  readonly log: Logger
  readonly logging: AppOptions['logger']
}

/** What a test may replace: the clock, and where log lines go. */
export interface World {
  readonly now: () => Date
  readonly logStream?: AppOptions['logger']['stream']
}

const MIGRATIONS = new URL('../migrations/', import.meta.url)
const SYSTEM: World = { now: () => new Date() }

/**
 * Brings the schema up to date, opens or makes the keys, and writes the file that the other nodes pin. Throws Error with one
 * sentence when the node cannot be started safely: no database, a database that forgets, a missing or other keyring.
 */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const { databaseUrl: connectionString, mode, allowedHosts, publicUrl: entityId } = config
  const { now } = world
  const logging = { level: config.logLevel, ...(world.logStream && { stream: world.logStream }) }
  const log = createLogger({ name: 'trust-anchor', ...logging })
  const files = filesOf(config)
  await migrate({ connectionString, directory: MIGRATIONS })
  const db = await openDb({ connectionString, max: 8, applicationName: 'trust-anchor', statementTimeoutMs: 10_000 })
  try {
    const keys = await openAnchorKeys({ db, now }, { keyringFile: files.keyring, name: new URL(entityId).host })
    const operatorKeyHash = openOperatorKey(files.operatorKey)
    publishTrustAnchor(files.trustAnchor, trustAnchorOf(entityId, keys))
    const onError = ({ queue, cause }: { queue: string; cause: unknown }) =>
      log.warn({ queue, err: cause }, 'a job failed')
    const members = await openMembers({ db, keys, entityId, now })
    const jobs = await openJobs({ connectionString, applicationName: 'trust-anchor', queues: [], onError })
    const fetcher = createFetcher({ mode, allowedHosts })
    return { mode, entityId, db, jobs, keys, members, fetcher, now, operatorKeyHash, log, logging }
  } catch (error) {
    await db.close()
    throw error
  }
}

function trustAnchorOf(entityId: string, { federation, authority }: AnchorKeys): TrustAnchor {
  return { entityId, jwks: [federation.publicJwk], caPem: authority.certificatePem }
}

/** Closes what `openDeps` opened, in the order in which the parts need each other. */
export async function closeDeps(deps: Deps): Promise<void> {
  await deps.jobs.stop()
  await deps.fetcher.close()
  await deps.db.close()
}
