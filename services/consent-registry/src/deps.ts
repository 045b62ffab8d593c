import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import {
  createStatusCheck,
  createTrustIssuer,
  type MemberLists,
  openSchoolLists,
  type StatusCheck,
  type TrustIssuer,
} from '@samen/credential-trust'
import { createMembership, createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import { type Node, openNode, type World as Surroundings, SYSTEM } from '@samen/node-kit'
import type { Config } from './config.ts'
import { createPublishedLists, type PublishedLists } from './consent-list/published-lists.ts'
import { type NodeKeys, openKeys } from './keys/open-keys.ts'
import { openLog } from './log/open-log.ts'
import type { SeenHead } from './log/seen-head.ts'
import { type HeldMembership, holdMembership } from './membership/hold-membership.ts'
import { keepCertificate } from './presentation/request-certificate.ts'
import { QUEUES } from './queues.ts'

/** Everything that is not a pure function of its arguments: time, randomness, network, keys, storage. Always the first argument. */
export interface Deps extends Node {
  readonly keys: NodeKeys
  readonly anchor: TrustAnchor
  readonly resolver: TrustResolver
  readonly membership: HeldMembership
  readonly trustIssuer: TrustIssuer
  readonly checkStatus: StatusCheck
  /** which credentials of schools are still good */
  readonly schoolLists: MemberLists
  /** our own consent lists as they are served now */
  readonly lists: PublishedLists
  /** the newest head of the log that was seen */
  readonly head: SeenHead
}

const KIND = {
  service: 'consent-registry',
  migrations: new URL('../migrations/', import.meta.url),
  connections: 12,
  statementTimeoutMs: 5_000,
  queues: Object.values(QUEUES),
}

/** What a process takes from its surroundings. */
export type World = Surroundings & {
  /** documents of the federation by URL; over the network unless a test holds the federation in memory */
  readonly fetchText?: (url: string) => Promise<string>
}

/**
 * Opens the node and what a registry has besides. Throws Error with one sentence when it cannot be started safely; a log that is older
 * than the last checkpoint that was signed is such a reason.
 */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const node = await openNode(config, KIND, world)
  try {
    const keys = await openKeys(node)
    const head = await openLog({ ...node, key: keys.log, file: join(config.dataDirectory, 'checkpoint') })
    const network = openNetwork({ ...node, keys, anchor: config.anchor }, world)
    return { ...node, keys, head, anchor: config.anchor, lists: createPublishedLists(), ...network }
  } catch (error) {
    await node.close()
    throw error
  }
}

function openNetwork(deps: Node & Pick<Deps, 'keys' | 'anchor'>, world: World) {
  const { now, db, keys, anchor, publicUrl, fetcher, log } = deps
  const fetchText = world.fetchText ?? ((url: string) => fetcher.getText(url, { accept: '*/*' }))
  const anchors = [new X509Certificate(anchor.caPem)]
  const membership = createMembership({ anchor, entityId: publicUrl, fetchText, now })
  const load = async () => {
    const loaded = await membership.load()
    await keepCertificate({ db, keys }, loaded)
    return loaded
  }
  const resolver = createTrustResolver({ anchor, fetchText, now })
  const onDropped = () =>
    log.warn({ task: 'status-lists', outcome: 'dropped' }, 'a list of a member made room for another')
  const trust = { anchors, resolver, now, fetchText: fetcher.getText, onDropped }
  const schoolLists = openSchoolLists(trust)
  return {
    resolver,
    membership: holdMembership({ load, keys: [keys.request, keys.list], now }),
    trustIssuer: createTrustIssuer(trust),
    schoolLists,
    checkStatus: createStatusCheck(schoolLists),
  }
}
