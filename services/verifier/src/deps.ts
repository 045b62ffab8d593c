import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { authorityKeyIdentifier } from '@samen/certificates'
import {
  createStatusCheck,
  createTrustIssuer,
  type MemberLists,
  openRegistryLists,
  openSchoolLists,
  type StatusCheck,
  type TrustIssuer,
} from '@samen/credential-trust'
import { createTrustResolver, type TrustAnchor, type TrustResolver } from '@samen/federation'
import type { UrlPolicy } from '@samen/http-kit'
import { type Node, openNode, SYSTEM, type World } from '@samen/node-kit'
import { openOperatorKey } from '@samen/sealing'
import type { AppTenants } from './app-tenant/app-tenant.ts'
import { createAppTenants } from './app-tenant/app-tenants.ts'
import type { Config } from './config.ts'
import { type AppKeyCheck, createAppKeyCheck } from './management/authenticate-app.ts'
import { createPurposes, type Purposes } from './purpose/purposes.ts'
import { QUEUES } from './queues.ts'
import { createOpenRequests, type OpenRequests } from './request/open-requests.ts'
import { type ConsentLists, createConsentLists } from './trust/consent-lists.ts'

/** Everything that is not a pure function of its arguments: time, randomness, network, keys, storage. Always the first argument. */
export interface Deps extends Node {
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
  readonly trustIssuer: TrustIssuer
  readonly checkStatus: StatusCheck
  /** which credentials of schools are still good */
  readonly schoolLists: MemberLists
  readonly consentLists: ConsentLists
  /** which addresses may be asked at all: the fetcher's own rule, for an early word */
  readonly urlPolicy: UrlPolicy
  /** SHA-256 of the key with which the operator of this node adds apps */
  readonly operatorKeyHash: Buffer
}

const KIND = {
  service: 'verifier',
  migrations: new URL('../migrations/', import.meta.url),
  connections: 12,
  statementTimeoutMs: 10_000,
  queues: QUEUES,
}

/** Opens the node and what a verifier has besides. Throws Error with one sentence when it cannot be started safely. */
export async function openDeps(config: Config, world: World = SYSTEM): Promise<Deps> {
  const node = await openNode(config, KIND, world)
  const { db, now, keyring, publicUrl } = node
  const { anchor, mode, allowedHosts } = config
  const apps = createAppTenants({ db, keyring, publicUrl, now })
  return {
    ...node,
    ...openTrust({ ...node, anchor, apps }),
    anchor,
    apps,
    appKeyHolder: createAppKeyCheck({ db, now }),
    purposes: createPurposes({ db, now }),
    requests: createOpenRequests({ db, keyring, now }),
    urlPolicy: { mode, allowedHosts },
    operatorKeyHash: openOperatorKey(join(config.dataDirectory, 'operator-key')),
  }
}

function openTrust(deps: Pick<Node, 'fetcher' | 'now' | 'db' | 'log'> & Pick<Deps, 'anchor' | 'apps'>) {
  const { anchor, fetcher, now, log } = deps
  const anchors = [new X509Certificate(anchor.caPem)]
  const fetchText = (url: string) => fetcher.getText(url, { accept: '*/*' })
  const resolver = createTrustResolver({ anchor, fetchText, now })
  const onDropped = () =>
    log.warn({ task: 'status-lists', outcome: 'dropped' }, 'a list of a member made room for another')
  const trust = { anchors, resolver, now, fetchText: fetcher.getText, onDropped }
  const schoolLists = openSchoolLists(trust)
  return {
    anchors,
    authority: authorityKeyIdentifier(anchor.caPem),
    resolver,
    trustIssuer: createTrustIssuer(trust),
    schoolLists,
    checkStatus: createStatusCheck(schoolLists),
    consentLists: createConsentLists({ db: deps.db, apps: deps.apps, lists: openRegistryLists(trust) }),
  }
}
