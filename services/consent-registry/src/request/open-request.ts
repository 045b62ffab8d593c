import { CONSENT_REQUEST_MESSAGE, type OpenedRequest, readConsentRequest, type VerifiedMessage } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { receiveMessage } from '../message/receive-message.ts'
import { insertRequest, readClosing } from './request.sql.ts'

const LONGEST_DAYS = 60
const DAY_MS = 86_400_000

/**
 * Opens a question about one child, who stays unknown until a guardian follows the link. `token` is a `samen-consent-request+jwt`; the
 * same message again gets the same answer, so that an app that heard none can ask without putting a second question.
 * Throws ProtocolError 403 `access_denied` when the purpose is unknown, another app's or over, or when the school has no agreement
 * in force over it (alike); 400 when the question would close in the past or after more than 60 days. It closes with the last day of what is
 * asked when that comes first.
 */
export async function openRequest(deps: Deps, token: string): Promise<OpenedRequest> {
  const findOpened = async (tx: Tx, message: VerifiedMessage) => {
    const handle = handleOf(deps, message)
    const opened = await readClosing(tx, handle, message.iss)
    return opened && describe(deps, handle, opened.expires_at)
  }
  const open = async (tx: Tx, message: VerifiedMessage) =>
    (await findOpened(tx, message)) ?? openAnew(deps, tx, message)
  return receiveMessage(deps, token, CONSENT_REQUEST_MESSAGE, open, findOpened)
}

/** One handle for one message of one app, and random to everybody who does not hold our key. */
function handleOf({ keyring }: Deps, { iss, jti }: VerifiedMessage): string {
  return keyring.mac('handle', iss, jti).subarray(0, 16).toString('base64url')
}

async function openAnew(deps: Deps, tx: Tx, message: VerifiedMessage): Promise<OpenedRequest> {
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
  const handle = handleOf(deps, message)
  const { purpose_id, purpose_version, school } = asked
  const row = { handle, app: message.iss, purpose_id, purpose_version, school, expiresAt }
  const opened = await insertRequest(tx, row, now)
  if (opened === undefined) {
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
  return describe(deps, handle, opened.expires_at)
}

function describe({ publicUrl }: Deps, handle: string, expiresAt: Date): OpenedRequest {
  return { handle, page_url: `${publicUrl}/requests/${handle}`, expires_at: expiresAt.toISOString() }
}
