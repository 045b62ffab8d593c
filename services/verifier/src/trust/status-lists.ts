import type { KeyObject, X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import { FetchError, type Fetcher } from '@samen/http-kit'
import { createStatusListCache, StatusListError } from '@samen/status-list'
import type { JsonObject } from '@samen/strict-json'

/** Status lists in memory, whole: an entry is looked up without anybody hearing of it. */
export interface TimedLists {
  /**
   * The status at a place. Only a list never seen before is fetched; from then on the timer does that, so that no presentation makes a
   * connection. Rejects with StatusListError, FetchError, or ProtocolError 503 when the list held has come to its end.
   */
  statusOf(uri: string, index: number): Promise<number>
  refresh(uri: string): Promise<void>
  /** Fetches every list held. A list that fails stays as it is, to its end. */
  refreshAll(): Promise<void>
  liveUntil(uri: string): Date | undefined
}

const MAX_LISTS = 500
const MAX_TOKEN_BYTES = 4_194_304
const VALID = 0

/**
 * Opens the lists of one kind, TSL#status-list-token-jwt. A list is signed by the certified key of the entity at whose address it lies:
 * nobody can publish a list about another's credentials.
 */
export function openTimedLists(deps: {
  fetcher: Fetcher
  anchors: readonly X509Certificate[]
  now: () => Date
}): TimedLists {
  const due = new Set<string>()
  const known = new Set<string>()
  const cache = createStatusListCache({
    fetchToken: async (uri) => {
      if (!due.has(uri)) throw notNow()
      return deps.fetcher.getText(uri, { accept: 'application/statuslist+jwt', maxBytes: MAX_TOKEN_BYTES })
    },
    keyFor: (header, payload) => keyOfOwner(header, payload, deps),
    now: deps.now,
    maxLists: MAX_LISTS,
  })
  const refresh = async (uri: string) => {
    due.add(uri)
    try {
      await cache.refresh(uri)
      known.add(uri)
    } finally {
      due.delete(uri)
      if (cache.liveUntil(uri) === undefined) known.delete(uri)
    }
  }
  return {
    refresh,
    refreshAll: async () => void (await Promise.allSettled([...known].map(refresh))),
    liveUntil: cache.liveUntil,
    async statusOf(uri, index) {
      if (cache.liveUntil(uri) === undefined) await refresh(uri)
      return cache.statusOf(uri, index)
    },
  }
}

/**
 * Whether a credential's place in its issuer's list says valid. The list must lie with the issuer, so that a credential cannot point us
 * elsewhere. Throws ProtocolError 400 when it does not say so, 503 when no list can be had: without one there is no yes.
 */
export function createStatusCheck(
  lists: Pick<TimedLists, 'statusOf'>,
): (issuer: string, status: { uri: string; idx: number }) => Promise<void> {
  return async (issuer, { uri, idx }) => {
    if (!liesWith(uri, issuer)) throw notValid()
    const status = await lists.statusOf(uri, idx).catch((cause: unknown) => {
      if (cause instanceof StatusListError) throw notValid(cause)
      throw cause instanceof FetchError ? notNow(cause) : cause
    })
    // Revoked, suspended, or a value that we do not know: none of them is valid.
    if (status !== VALID) throw notValid()
  }
}

/** True when the URL lies below the entity's own identifier. */
function liesWith(uri: string, entityId: string): boolean {
  return uri.startsWith(`${entityId.replace(/\/$/, '')}/`)
}

function keyOfOwner(
  header: JsonObject,
  payload: JsonObject,
  deps: { anchors: readonly X509Certificate[]; now: () => Date },
): KeyObject {
  const x5c = header['x5c']
  if (!Array.isArray(x5c) || !x5c.every((part) => typeof part === 'string')) throw notValid()
  const { entityId, leafKey } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
  if (typeof payload['sub'] !== 'string' || !liesWith(payload['sub'], entityId)) throw notValid()
  return leafKey
}

function notNow(cause?: unknown): ProtocolError {
  const headers = { 'retry-after': '5' }
  return new ProtocolError(503, 'temporarily_unavailable', 'the status cannot be read now', { cause, headers })
}

function notValid(cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the credential is not valid', { cause })
}
