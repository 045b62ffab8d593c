import { join } from 'node:path'
import { createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import { type Node, openNode, SYSTEM, type World } from '@samen/node-kit'
import { openOperatorKey } from '@samen/sealing'
import { type DeletedKeys, openDeletedKeys } from './api-key/deleted-keys.ts'
import type { Config } from './config.ts'
import { QUEUES } from './queues.ts'
import type { Schools } from './school/school.ts'
import { createSchoolStore } from './school/school-store.ts'
import { type DatabaseMarkFile, openDatabaseMark } from './status/database-mark.ts'
import { openPublishedBits, type PublishedBits } from './status/published-bits.ts'
import { createStatusLists, type StatusLists } from './status/status-lists.ts'

/** Everything that is not a pure function of its arguments: time, randomness, network, keys, storage. Always the first argument. */
export interface Deps extends Node {
  readonly schools: Schools
  readonly statusLists: StatusLists
  /** how far the database had come, and what it had revoked and deleted: kept outside it */
  readonly databaseMark: DatabaseMarkFile
  readonly publishedBits: PublishedBits
  readonly deletedKeys: DeletedKeys
  readonly anchor: TrustAnchor
  readonly resolver: TrustResolver
  /** SHA-256 of the key with which the operator of this node adds schools */
  readonly operatorKeyHash: Buffer
}

const KIND = {
  service: 'issuer',
  migrations: new URL('../migrations/', import.meta.url),
  connections: 12,
  statementTimeoutMs: 15_000,
  queues: QUEUES,
}

/** Opens the node and what an issuer has besides. Throws Error with one sentence when it cannot be started safely. */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const node = await openNode(config, KIND, world)
  const { db, now, random, keyring, publicUrl, fetcher, log } = node
  const { anchor } = config
  const fetchText = (url: string) => fetcher.getText(url, { accept: '*/*' })
  const publishedBits = openPublishedBits(join(config.dataDirectory, 'published-lists'))
  const schools = createSchoolStore({ db, keyring, publicUrl, now })
  const statusLists = createStatusLists({ db, now, random, schools, publishedBits, log })
  return {
    ...node,
    anchor,
    schools,
    resolver: createTrustResolver({ anchor, fetchText, now }),
    statusLists,
    publishedBits,
    deletedKeys: openDeletedKeys(join(config.dataDirectory, 'deleted-keys')),
    databaseMark: openDatabaseMark(join(config.dataDirectory, 'database-mark')),
    operatorKeyHash: openOperatorKey(join(config.dataDirectory, 'operator-key')),
    close: async () => {
      await statusLists.settle()
      await node.close()
    },
  }
}
