import { PURPOSE_MESSAGE, purposeHash, purposeUri, readPurpose } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { receiveMessage } from '../message/receive-message.ts'
import { senderName } from '../message/sender-name.ts'
import { claimPurposeId, insertPurpose } from './purpose.sql.ts'

export type RegisteredPurpose = { id: string; version: number; purpose_uri: string; purpose_hash: string }

/**
 * Registers the purpose of an app under its own id and version, for ever. `token` is a `samen-purpose+jwt`.
 * Throws ProtocolError 409 `already_registered` when that version exists or the id is another app's (alike), 400 when it has
 * ended before it began.
 */
export async function registerPurpose(deps: Deps, token: string): Promise<RegisteredPurpose> {
  return receiveMessage(deps, token, PURPOSE_MESSAGE, async (tx, message) => {
    const document = readPurpose(message.body['purpose'])
    const now = deps.now()
    if (document.valid_until < now.toISOString().slice(0, 10)) {
      throw new ProtocolError(400, 'invalid_request', 'the purpose ended before it began')
    }
    const { id, version } = document
    const hash = purposeHash(document)
    const row = { id, version, app: message.iss, app_name: senderName(message), document, hash, message: token }
    await claimPurposeId(tx, row)
    if (!(await insertPurpose(tx, row, now))) {
      throw new ProtocolError(409, 'already_registered', 'this version of this purpose cannot be registered')
    }
    await appendEvent(deps, tx, {
      handle: undefined,
      event: {
        type: 'purpose-registered',
        purpose_id: id,
        purpose_version: version,
        purpose_hash: hash,
        app: message.iss,
      },
    })
    return { id, version, purpose_uri: purposeUri(deps.publicUrl, id, version), purpose_hash: hash }
  })
}
