import type { TrustAnchor } from '@samen/federation'
import { type Node, openNode, SYSTEM, type World } from '@samen/node-kit'
import { openOperatorKey } from '@samen/sealing'
import { type AnchorKeys, openAnchorKeys } from './anchor/anchor-keys.ts'
import { publishTrustAnchor, readPublished } from './anchor/publish-trust-anchor.ts'
import { type Config, filesOf } from './config.ts'
import { type Members, openMembers } from './member/members.ts'

/** Everything that is not a pure function of its arguments: time, network, keys, storage. Always the first argument. */
export interface Deps extends Node {
  /** the anchor's entity id */
  readonly entityId: string
  readonly keys: AnchorKeys
  /** the members as this process knows them; signed documents are served from here */
  readonly members: Members
  /** SHA-256 of the key with which the operator admits and expels members */
  readonly operatorKeyHash: Buffer
}

const KIND = {
  service: 'trust-anchor',
  migrations: new URL('../migrations/', import.meta.url),
  connections: 8,
  statementTimeoutMs: 10_000,
  queues: [],
}

/**
 * Opens the node, opens or makes the anchor's keys, and writes the file that the other nodes pin. Throws Error with one sentence when the
 * node cannot be started safely.
 */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const files = filesOf(config)
  // Before the keys: whoever finds a file of a start at the same moment finds its keys, too.
  const published = readPublished(files.trustAnchor)
  const node = await openNode(config, KIND, world)
  try {
    const { publicUrl: entityId } = node
    const keys = await openAnchorKeys(node, { name: new URL(entityId).host, published })
    const operatorKeyHash = openOperatorKey(files.operatorKey)
    await publishTrustAnchor(files.trustAnchor, trustAnchorOf(entityId, keys), published)
    const members = await openMembers({ ...node, keys, entityId })
    return { ...node, entityId, keys, members, operatorKeyHash }
  } catch (error) {
    await node.close()
    throw error
  }
}

function trustAnchorOf(entityId: string, { federation, authority }: AnchorKeys): TrustAnchor {
  return { entityId, jwks: [federation.publicJwk], caPem: authority.certificatePem }
}
