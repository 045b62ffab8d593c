import { randomFillSync, X509Certificate } from 'node:crypto'
import {
  createStatusCheck,
  createTrustIssuer,
  type MemberLists,
  openSchoolLists,
  type StatusCheck,
  type TrustIssuer,
} from '@samen/credential-trust'
import { createMembership, createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import { createFetcher, createLogger, type Fetcher, type Logger } from '@samen/http-kit'
import { type Db, type Jobs, migrate, openDb, openJobs } from '@samen/pg-kit'
import { type Keyring, openKeyring } from '@samen/sealing'
import { type Config, dataFiles } from './config.ts'
import { createPublishedLists, type PublishedLists } from './consent-list/published-lists.ts'
import { hasKeys, type NodeKeys, openKeys } from './keys/open-keys.ts'
import { openLog } from './log/open-log.ts'
import type { SeenHead } from './log/seen-head.ts'
import { type HeldMembership, holdMembership } from './membership/hold-membership.ts'
import { keepCertificate } from './presentation/request-certificate.ts'
import { QUEUES } from './queues.ts'

/** Everything that is not a pure function of its arguments: time, randomness, network, keys, storage. Always the first argument. */
export interface Deps {
  readonly mode: 'development' | 'production'
  /** our entity id, without a trailing slash */
  readonly publicUrl: string
  readonly db: Db
  readonly jobs: Jobs
  /** the key outside the database */
  readonly keyring: Keyring
  readonly keys: NodeKeys
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  readonly anchor: TrustAnchor
  readonly resolver: TrustResolver
  readonly membership: HeldMembership
  readonly fetcher: Fetcher
  readonly trustIssuer: TrustIssuer
  readonly checkStatus: StatusCheck
  /** which credentials of schools are still good */
  readonly schoolLists: MemberLists
  /** our own consent lists as they are served now */
  readonly lists: PublishedLists
  /** the newest head of the log that was seen */
  readonly head: SeenHead
  readonly log: Logger
  /** level and target of the log, for the app's own lines */
  readonly logging: { readonly level: string; readonly stream?: NonNullable<World['logStream']> }
  /** closes what was opened, jobs before the database */
  readonly close: () => Promise<void>
}

const MIGRATIONS = new URL('../migrations/', import.meta.url)

/** What a process takes from its surroundings. */
export interface World {
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
  /** documents of the federation by URL; over the network unless a test holds the federation in memory */
  readonly fetchText?: (url: string) => Promise<string>
  /** where log lines go; standard output unless a test reads them */
  readonly logStream?: NonNullable<Parameters<typeof createLogger>[0]['stream']>
}

const SYSTEM: World = { now: () => new Date(), random: (bytes) => randomFillSync(Buffer.alloc(bytes)) }

/**
 * Opens everything a process of the registry needs. Throws Error with one clear sentence when something is missing or unsafe:
 * the database, its keyring, or a log older than the last checkpoint that was signed.
 */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const { publicUrl, anchor, mode } = config
  const { now, random } = world
  const logging = { level: config.logLevel, ...(world.logStream && { stream: world.logStream }) }
  const log = createLogger({ name: 'consent-registry', ...logging })
  const db = await openDatabase(config)
  const files = dataFiles(config.dataDirectory)
  const keyring = openKeyring(files.keyring, { create: !(await hasKeys(db)) })
  const keys = await openKeys({ db, keyring, now, publicUrl })
  const head = await openLog({ db, key: keys.log, file: files.checkpoint, log })
  const jobs = await openJobs({
    connectionString: config.databaseUrl,
    applicationName: 'consent-registry',
    queues: Object.values(QUEUES),
    onError: ({ queue, cause }) => log.warn({ queue, err: cause }, 'a job failed'),
  })
  const network = openNetwork(config, world, db, keys)
  const lists = createPublishedLists()
  const close = async () => {
    await jobs.stop()
    await network.fetcher.close()
    await db.close()
  }
  return { mode, publicUrl, anchor, now, random, db, jobs, keyring, keys, head, lists, log, logging, close, ...network }
}

async function openDatabase(config: Config): Promise<Db> {
  await migrate({ connectionString: config.databaseUrl, directory: MIGRATIONS })
  return openDb({
    connectionString: config.databaseUrl,
    max: 12,
    applicationName: 'consent-registry',
    statementTimeoutMs: 5_000,
  })
}

function openNetwork({ mode, allowedHosts, anchor, publicUrl }: Config, world: World, db: Db, keys: NodeKeys) {
  const { now } = world
  const fetcher = createFetcher({ mode, allowedHosts })
  const fetchText = world.fetchText ?? ((url: string) => fetcher.getText(url, { accept: '*/*' }))
  const anchors = [new X509Certificate(anchor.caPem)]
  const membership = createMembership({ anchor, entityId: publicUrl, fetchText, now })
  const load = async () => {
    const loaded = await membership.load()
    await keepCertificate({ db, keys }, loaded)
    return loaded
  }
  const resolver = createTrustResolver({ anchor, fetchText, now })
  const trust = { anchors, resolver, now, fetchText: fetcher.getText }
  const schoolLists = openSchoolLists(trust)
  return {
    fetcher,
    resolver,
    membership: holdMembership({ load, keys: [keys.request, keys.list], now }),
    trustIssuer: createTrustIssuer(trust),
    schoolLists,
    checkStatus: createStatusCheck(schoolLists),
  }
}
