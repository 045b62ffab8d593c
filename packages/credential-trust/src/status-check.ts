import { ProtocolError } from '@samen/errors'
import { StatusListError } from '@samen/status-list'
import type { MemberLists } from './member-lists.ts'
import { notNow } from './member-roles.ts'

/** Returns when the credential of this issuer is valid at its place. */
export type StatusCheck = (issuer: string, status: { readonly uri: string; readonly idx: number }) => Promise<void>

/** TSL#status-types. Revoked, suspended, or a value that we do not know: none of them is valid. */
const VALID = 0

/**
 * Whether a credential's place in its issuer's own list says valid. TSL#validation-rules
 * Throws ProtocolError 400 when it does not say so, 503 when no live list can be had: without one there is no yes, and no no.
 */
export function createStatusCheck(lists: Pick<MemberLists, 'statusOf'>): StatusCheck {
  return async (issuer, { uri, idx }) => {
    const status = await lists.statusOf(issuer, uri, idx).catch((cause: unknown) => {
      if (!(cause instanceof StatusListError)) throw cause
      if (cause.code === 'expired' || cause.code === 'too_many_lists')
        throw notNow('the status cannot be read now', cause)
      throw notValid(cause)
    })
    if (status !== VALID) throw notValid()
  }
}

function notValid(cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the credential is not valid', { cause })
}
