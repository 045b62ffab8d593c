import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App, Fetcher } from '@samen/http-kit'
import type { Db } from '@samen/pg-kit'
import { pooledRandom } from '@samen/sealing'
import { type fixedClock, freshDatabase, type TestFederation } from '@samen/test-kit'
import { createIssuerApp } from '../../src/app.ts'
import type { Config } from '../../src/config.ts'
import { type Deps, openDeps } from '../../src/deps.ts'

const MIGRATIONS = new URL('../../migrations/', import.meta.url)
export const PUBLIC_URL = 'https://issuer.test'

export type Test = { readonly teardown: (work: () => Promise<void> | void) => unknown }
export type LogLines = { readonly write: (line: string) => void }

/** The world around a node: its time, who is a member, and where the test has a say in it, what the network answers and who reads the log. */
interface Surroundings {
  readonly clock: ReturnType<typeof fixedClock>
  readonly federation: TestFederation
  readonly fetcher?: Fetcher
  readonly lines?: LogLines | undefined
}

/** A node of the issuer in the process of the test, without a school and without timers. */
export interface OpenIssuer {
  readonly deps: Deps
  readonly app: App
  readonly config: Config
  readonly clock: ReturnType<typeof fixedClock>
  readonly federation: TestFederation
  /** the superuser's address of the node's database */
  readonly superuserUrl: string
  /** looks behind the scenes, as that school */
  readonly db: (slug: string) => Db
}

/** Opens a node with a database and keys of its own; all of it is gone when the test is over. */
export async function openIssuer(t: Test, { clock, federation, fetcher, lines }: Surroundings): Promise<OpenIssuer> {
  const { url, superuserUrl } = await freshDatabase(t, { migrations: MIGRATIONS })
  const dataDirectory = mkdtempSync(join(tmpdir(), 'samen-issuer-'))
  const config: Config = {
    mode: 'development',
    publicUrl: PUBLIC_URL,
    host: '127.0.0.1',
    port: 0,
    databaseUrl: url,
    dataDirectory,
    logLevel: lines ? 'debug' : 'silent',
    anchor: federation.anchor,
    allowedHosts: [],
  }
  const deps = await openDeps(config, {
    now: clock.now,
    random: pooledRandom,
    ...(fetcher && { fetcher }),
    ...(lines && { logStream: lines }),
  })
  const app = createIssuerApp(deps)
  t.teardown(async () => {
    await app.close()
    await deps.close()
    rmSync(dataDirectory, { recursive: true })
  })
  return { deps, app, config, clock, federation, superuserUrl, db: (slug) => deps.db.forTenant(slug) }
}
