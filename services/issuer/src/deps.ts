import type { TrustAnchor, TrustResolver } from '@samen/federation'
import type { Fetcher, Logger } from '@samen/http-kit'
import type { Db, Jobs } from '@samen/pg-kit'
import type { Keyring } from '@samen/sealing'
import type { Schools } from './school/school.ts'

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
  readonly anchor: TrustAnchor
  readonly resolver: TrustResolver
  readonly fetcher: Fetcher
  /** SHA-256 of the key with which the operator of this node adds schools */
  readonly operatorKeyHash: Buffer
  readonly log: Logger
  readonly logLevel: string
}
