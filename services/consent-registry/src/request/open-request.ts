import { CONSENT_REQUEST_MESSAGE, readConsentRequest } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { receiveMessage } from '../message/receive-message.ts'
import { insertRequest } from './request.sql.ts'

export type OpenedRequest = { handle: string; page_url: string; expires_at: string }

const LONGEST_DAYS = 60
const DAY_MS = 86_400_000

/**
 * Opens a question about one child, who stays unknown until a guardian follows the link. `token` is a `samen-consent-request+jwt`.
 * Throws ProtocolError 403 `access_denied` when the purpose is unknown, another app's or over, or when the school has no agreement
 * in force over it (alike); 400 when the question would close in the past or after more than 60 days.
 */
export async function openRequest(deps: Deps, token: string): Promise<OpenedRequest> {
  return receiveMessage(deps, token, CONSENT_REQUEST_MESSAGE, async (tx, message) => {
    const asked = readConsentRequest(message.body['request'])
    const now = deps.now()
    const expiresAt = new Date(asked.expires_at)
    if (expiresAt <= now || expiresAt.getTime() > now.getTime() + LONGEST_DAYS * DAY_MS) {
      throw new ProtocolError(
        400,
        'invalid_request',
        'a question stays open for at most 60 days and closes in the future',
      )
    }
    const handle = deps.random(16).toString('base64url')
    const { purpose_id, purpose_version, school } = asked
    if (!(await insertRequest(tx, { handle, app: message.iss, purpose_id, purpose_version, school, expiresAt }, now))) {
      throw new ProtocolError(
        403,
        'access_denied',
        'this app has no purpose with an agreement in force at this school under that id',
      )
    }
    await appendEvent(deps, tx, {
      handle,
      event: { type: 'consent-requested', purpose_id, purpose_version, app: message.iss, school },
    })
    return { handle, page_url: `${deps.publicUrl}/requests/${handle}`, expires_at: expiresAt.toISOString() }
  })
}
