import type { KeyObject, X509Certificate } from 'node:crypto'
import { CertificateError, verifyX5c } from '@samen/certificates'
import { MARK_SCHOOL } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { StatusListError } from '@samen/status-list'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { Deps } from '../deps.ts'

const VALID = 0

/**
 * The key of a school's credential: its certificate is of the anchor's CA and names the issuer, and the issuer is a school in the
 * federation now. Throws CertificateError or ProtocolError 403 to refuse, 503 when the anchor cannot be asked.
 */
export async function trustSchool(
  deps: Pick<Deps, 'anchors' | 'resolver' | 'now'>,
  stated: string | undefined,
  x5c: readonly string[],
): Promise<{ key: KeyObject; issuer: string }> {
  const { leafKey, entityId } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
  if (stated !== undefined && stated !== entityId)
    throw new ProtocolError(403, 'access_denied', 'the certificate is of another issuer')
  try {
    await deps.resolver.resolve(entityId, { trustMark: MARK_SCHOOL })
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    if (cause.code !== 'unreachable')
      throw new ProtocolError(403, 'access_denied', 'the issuer is not a school', { cause })
    const headers = { 'retry-after': '5' }
    throw new ProtocolError(503, 'temporarily_unavailable', 'the trust anchor cannot be reached', { cause, headers })
  }
  return { key: leafKey, issuer: entityId }
}

/**
 * TSL#validation-rules. Returns when the credential is live: a status of its own issuer that says valid, from a list that is not
 * past its expiry. Throws ProtocolError 403 otherwise; failures to fetch the list are 503: nobody decides on a guess.
 */
export async function assertLiveCredential(
  deps: Pick<Deps, 'statuses'>,
  issuer: string,
  status: { uri: string; idx: number },
): Promise<void> {
  // A list elsewhere would let an issuer be judged by another, and us be sent to any address.
  if (!status.uri.startsWith(`${issuer}/`))
    throw new ProtocolError(403, 'access_denied', 'the status list is not of the issuer')
  const found = await deps.statuses.statusOf(status.uri, status.idx).catch((cause: unknown) => {
    if (cause instanceof StatusListError) throw notValid(cause)
    if (!(cause instanceof FetchError)) throw cause
    const headers = { 'retry-after': '5' }
    throw new ProtocolError(503, 'temporarily_unavailable', 'the status cannot be read now', { cause, headers })
  })
  // Revoked, suspended, or a value that we do not know: none of them is valid.
  if (found !== VALID) throw notValid()
}

function notValid(cause?: unknown): ProtocolError {
  return new ProtocolError(403, 'access_denied', 'the credential is no longer valid', { cause })
}

/** The key of a status list token: certified for the entity under whose address the list stands. */
export function statusListKey(
  policy: { anchors: readonly X509Certificate[]; now: Date },
  header: JsonObject,
  payload: JsonObject,
): KeyObject {
  const { leafKey, entityId } = verifyX5c(texts(header['x5c']), policy)
  if (!String(payload['sub']).startsWith(`${entityId}/`)) throw new CertificateError('wrong_name')
  return leafKey
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
