import { type KeyObject, X509Certificate } from 'node:crypto'
import { authorityKeyIdentifier } from '@samen/certificates'
import { createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import { type AppOptions, createFetcher, createLogger, type Fetcher, type Logger } from '@samen/http-kit'
import { type Db, type Jobs, migrate, openDb, openJobs } from '@samen/pg-kit'
import { type Keyring, pooledRandom } from '@samen/sealing'
import type { AppTenants } from './app-tenant/app-tenant.ts'
import { createAppTenants } from './app-tenant/app-tenants.ts'
import { type Config, secretFiles } from './config.ts'
import { QUEUES } from './jobs.ts'
import { type AppKeyCheck, createAppKeyCheck } from './management/authenticate-app.ts'
import { openSecrets } from './open-secrets.ts'
import { createPurposes, type Purposes } from './purpose/purposes.ts'
import { createOpenRequests, type OpenRequests } from './request/open-requests.ts'
import { type ConsentLists, createConsentLists } from './trust/consent-lists.ts'
import { createStatusCheck, openTimedLists, type TimedLists } from './trust/status-lists.ts'
import { createTrustIssuer } from './trust/trust-issuer.ts'

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
  readonly apps: AppTenants
  readonly appKeyHolder: AppKeyCheck
  readonly purposes: Purposes
  readonly requests: OpenRequests
  readonly anchor: TrustAnchor
  /** the certificate of the federation's own authority, the only one that is believed */
  readonly anchors: readonly X509Certificate[]
  /** its key identifier, base64url: what wallets are told that we accept */
  readonly authority: string
  readonly resolver: TrustResolver
  readonly trustIssuer: (issuer: string, x5c: readonly string[]) => Promise<{ key: KeyObject }>
  readonly checkStatus: (issuer: string, status: { uri: string; idx: number }) => Promise<void>
  readonly issuerLists: TimedLists
  readonly consentLists: ConsentLists
  readonly fetcher: Fetcher
  /** SHA-256 of the key with which the operator of this node adds apps */
  readonly operatorKeyHash: Buffer
  readonly log: Logger
  readonly logging: AppOptions['logger']
}

/** What a test may replace: the clock, chance, and where log lines go. */
export interface World {
  readonly now: () => Date
  readonly random: (bytes: number) => Buffer
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
  const { now, random } = world
  const logging = { level: config.logLevel, ...(world.logStream && { stream: world.logStream }) }
  const log = createLogger({ name: 'verifier', ...logging })
  await migrate({ connectionString, directory: MIGRATIONS })
  const db = await openDb({ connectionString, max: 12, applicationName: 'verifier', statementTimeoutMs: 10_000 })
  const { keyring, operatorKeyHash } = await openSecrets(db, secretFiles(config))
  const onError = ({ queue, cause }: { queue: string; cause: unknown }) =>
    log.warn({ queue, err: cause }, 'a job failed')
  const jobs = await openJobs({ connectionString, applicationName: 'verifier', queues: QUEUES, onError })
  const fetcher = createFetcher({ mode, allowedHosts })
  const apps = createAppTenants({ db, keyring, publicUrl, now })
  const local = {
    db,
    jobs,
    keyring,
    apps,
    appKeyHolder: createAppKeyCheck({ db, now }),
    purposes: createPurposes({ db, now }),
    requests: createOpenRequests({ db, keyring, now }),
  }
  const trust = openTrust({ anchor, fetcher, now, db, apps })
  return { mode, publicUrl, now, random, ...local, ...trust, anchor, fetcher, operatorKeyHash, log, logging }
}

function openTrust(deps: { anchor: TrustAnchor; fetcher: Fetcher; now: () => Date; db: Db; apps: AppTenants }) {
  const { anchor, fetcher, now } = deps
  const anchors = [new X509Certificate(anchor.caPem)]
  const fetchText = (url: string) => fetcher.getText(url, { accept: '*/*' })
  const resolver = createTrustResolver({ anchor, fetchText, now })
  const issuerLists = openTimedLists({ fetcher, anchors, now })
  return {
    anchors,
    authority: authorityKeyIdentifier(anchor.caPem),
    resolver,
    trustIssuer: createTrustIssuer({ anchors, resolver, now }),
    issuerLists,
    checkStatus: createStatusCheck(issuerLists),
    consentLists: createConsentLists({
      db: deps.db,
      apps: deps.apps,
      lists: openTimedLists({ fetcher, anchors, now }),
    }),
  }
}

/** Closes what `openDeps` opened, in the order in which the parts need each other. */
export async function closeDeps(deps: Deps): Promise<void> {
  await deps.jobs.stop()
  await deps.fetcher.close()
  await deps.db.close()
}
