import type { KeyObject, X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import type { ResolvePolicy, TrustResolver } from '@samen/federation'
import { createStatusListCache, type StatusListCache, StatusListError } from '@samen/status-list'
import type { JsonObject } from '@samen/strict-json'
import { notNow, REGISTRY, requireMember, SCHOOL } from './member-roles.ts'

/** Status lists in memory, whole: an entry is looked up without anybody hearing of it. */
export type MemberLists = Pick<StatusListCache, 'statusOf' | 'refresh' | 'refreshDue' | 'forget' | 'liveUntil'>

export type ListsDeps = {
  /** The body at an address; rejects when there is none, for whatever reason. */
  readonly fetchText: (url: string, options: { readonly accept: string; readonly maxBytes: number }) => Promise<string>
  readonly resolver: TrustResolver
  readonly anchors: readonly X509Certificate[]
  readonly now: () => Date
  /** A list went to make room for another one: a question will fetch it again, so the operator should hear of it. */
  readonly onDropped: () => void
}

const MAX_TOKEN_BYTES = 4_194_304
/**
 * A school's lists of a year take 16 kB each, so that those of 30,000 schools fit. No member takes more than a part: one that was taken
 * over could else fill the memory of everybody, or push the lists of others out, which would then be asked for at a question.
 */
const MAX_BYTES = 512 * 1_048_576
/** And one more list, of 16 MiB at most. */
const MAX_BYTES_PER_OWNER = 16 * 1_048_576
/** One list has room for 65,000 places: a school needs a few lists a year, a registry one for every 65,000 consents. */
const MAX_LISTS = { school: 64, registry: 1_024 }
/** For how long a school that is away is believed at most, whatever it signed. */
const SCHOOL_LIFETIME_SECONDS = 3_600
/**
 * The lease of a consent, counted on our clock from when the list was asked for. What was signed before that ends at its own `exp`, which a
 * registry whose clock is ahead moves by as much, and by no more than the 30 s that a list may come from the future.
 */
const REGISTRY_LIFETIME_SECONDS = 10

/** The lists that say which credentials of schools are still good. */
export const openSchoolLists = (deps: ListsDeps): MemberLists =>
  openLists(deps, SCHOOL, {
    maxLifetimeSeconds: SCHOOL_LIFETIME_SECONDS,
    minTtlSeconds: 10,
    maxListsPerOwner: MAX_LISTS.school,
  })

/** The lists that say which consents are live. */
export const openRegistryLists = (deps: ListsDeps): MemberLists =>
  openLists(deps, REGISTRY, {
    maxLifetimeSeconds: REGISTRY_LIFETIME_SECONDS,
    minTtlSeconds: 1,
    maxListsPerOwner: MAX_LISTS.registry,
  })

/**
 * Opens the lists of members of one role, TSL#status-list-token-jwt. A list lies at the address of its owner, is signed by the certified
 * key of that very entity, and is fetched only while that entity plays the role: the lists of one that left end with the trust in it.
 * Besides what `StatusListCache` rejects with: ProtocolError 400 when the owner may have no such list, 503 when none can be had now.
 */
function openLists(
  deps: ListsDeps,
  role: ResolvePolicy,
  limits: { readonly maxLifetimeSeconds: number; readonly minTtlSeconds: number; readonly maxListsPerOwner: number },
): MemberLists {
  const cache = createStatusListCache({
    async fetchToken(uri, owner) {
      await requireMember(deps.resolver, owner, role).catch((error: unknown) => {
        if (error instanceof ProtocolError && error.status < 500) cache.forget(uri)
        throw error
      })
      const options = { accept: 'application/statuslist+jwt', maxBytes: MAX_TOKEN_BYTES }
      return deps.fetchText(uri, options).catch((cause: unknown) => {
        throw notNow('the status cannot be read now', cause)
      })
    },
    keyFor: (header) => certifiedKey(header, deps),
    now: deps.now,
    maxBytes: MAX_BYTES,
    maxBytesPerOwner: MAX_BYTES_PER_OWNER,
    onDropped: deps.onDropped,
    ...limits,
  })
  return {
    ...cache,
    async statusOf(owner, uri, idx) {
      // A list elsewhere would let a credential be judged by another, and us be sent to any address.
      if (!uri.startsWith(`${owner.replace(/\/$/, '')}/`)) throw new StatusListError('wrong_uri')
      return cache.statusOf(owner, uri, idx)
    },
  }
}

function certifiedKey(header: JsonObject, { anchors, now }: ListsDeps): { key: KeyObject; owner: string } {
  const { x5c } = header
  const chain = Array.isArray(x5c) ? x5c.filter((part) => typeof part === 'string') : []
  const { entityId, leafKey } = verifyX5c(chain, { anchors, now: now() })
  return { key: leafKey, owner: entityId }
}
