import { join } from 'node:path'
import { createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import { type AppOptions, createFetcher, createLogger, type Fetcher, type Logger } from '@samen/http-kit'
import { type Db, type Jobs, migrate, openDb, openJobs } from '@samen/pg-kit'
import { type Keyring, pooledRandom } from '@samen/sealing'
import { type Config, secretFiles } from './config.ts'
import { QUEUES } from './jobs.ts'
import { openSecrets } from './open-secrets.ts'
import type { Schools } from './school/school.ts'
import { createSchoolStore } from './school/school-store.ts'
import { type DatabaseMarkFile, openDatabaseMark } from './status/database-mark.ts'
import { createStatusLists, type StatusLists } from './status/status-lists.ts'

/** Everything that is not a pure function of its arguments: time, randomness, network, keys, storage. Always the first argument. */
export interface Deps {
  readonly mode: 'development' | 'production'
  /** without a trailing slash */
  readonly publicUrl: string
  readonly db: Db
  readonly jobs: Jobs
  /** the key outside the database */
  readonly keyring: Keyring
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly schools: Schools
  readonly statusLists: StatusLists
  /** how far the database had come, kept outside it */
  readonly databaseMark: DatabaseMarkFile
  readonly anchor: TrustAnchor
  readonly resolver: TrustResolver
  readonly fetcher: Fetcher
  /** SHA-256 of the key with which the operator of this node adds schools */
  readonly operatorKeyHash: Buffer
  readonly log: Logger
  readonly logging: AppOptions['logger']
}

/** What a test may replace: the clock, chance, the network, and where log lines go. */
export interface World {
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly fetcher?: Fetcher
  readonly logStream?: AppOptions['logger']['stream']
}

const MIGRATIONS = new URL('../migrations/', import.meta.url)
const SYSTEM: World = { now: () => new Date(), random: pooledRandom }

/**
 * Brings the schema up to date and opens everything. Throws Error with one sentence when the node cannot be started safely:
 * no database, a database that forgets, a schema of a newer program, a missing or other key.
 */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const { databaseUrl: connectionString, mode, allowedHosts, anchor, publicUrl } = config
  const logging = { level: config.logLevel, ...(world.logStream && { stream: world.logStream }) }
  const log = createLogger({ name: 'issuer', ...logging })
  await migrate({ connectionString, directory: MIGRATIONS })
  const db = await openDb({ connectionString, max: 12, applicationName: 'issuer', statementTimeoutMs: 15_000 })
  const { keyring, operatorKeyHash } = await openSecrets(db, secretFiles(config))
  const onError = ({ queue, cause }: { queue: string; cause: unknown }) =>
    log.warn({ queue, err: cause }, 'a job failed')
  const jobs = await openJobs({ connectionString, applicationName: 'issuer', queues: QUEUES, onError })
  const fetcher = world.fetcher ?? createFetcher({ mode, allowedHosts })
  const fetchText = (url: string) => fetcher.getText(url, { accept: '*/*' })
  const { now, random } = world
  const resolver = createTrustResolver({ anchor, fetchText, now })
  const schools = createSchoolStore({ db, keyring, publicUrl, now })
  const statusLists = createStatusLists({ db, now, random, schools, log })
  const opened = {
    db,
    statusLists,
    jobs,
    keyring,
    now,
    random,
    schools,
    anchor,
    resolver,
    fetcher,
    operatorKeyHash,
    log,
    logging,
  }
  const databaseMark = openDatabaseMark(join(config.dataDirectory, 'database-mark'))
  return { mode, publicUrl, databaseMark, ...opened }
}

/** Closes what `openDeps` opened, in the order in which the parts need each other. */
export async function closeDeps(deps: Deps): Promise<void> {
  await deps.jobs.stop()
  await deps.fetcher.close()
  await deps.db.close()
}
