import { AGREEMENT_MESSAGE, readAgreement } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { receiveMessage } from '../message/receive-message.ts'
import { senderName } from '../message/sender-name.ts'
import { upsertAgreement } from './agreement.sql.ts'

export type RecordedAgreement = { school: string; purpose_id: string; purpose_version: number; valid_until: string }

/**
 * Records that a school approves this very text of a purpose. `token` is a `samen-agreement+jwt`; the school is its sender.
 * Throws ProtocolError 400 when the purpose is not registered with that hash and app, when a newer agreement of the school is
 * there, or when it has ended.
 */
export async function recordAgreement(deps: Deps, token: string): Promise<RecordedAgreement> {
  return receiveMessage(deps, token, AGREEMENT_MESSAGE, async (tx, message) => {
    const agreement = readAgreement(message.body['agreement'])
    const now = deps.now()
    const row = {
      school: message.iss,
      school_name: senderName(message),
      agreement,
      message: token,
      issuedAt: message.issuedAt,
    }
    const isOver = agreement.valid_until < now.toISOString().slice(0, 10)
    if (isOver || !(await upsertAgreement(tx, row, now))) {
      throw new ProtocolError(
        400,
        'invalid_request',
        'the agreement fits no registered purpose, has ended, or is not the newest',
      )
    }
    const { purpose_id, purpose_version, purpose_hash, guardians, valid_until } = agreement
    await appendEvent(deps, tx, {
      handle: undefined,
      event: {
        type: 'agreement-recorded',
        school: message.iss,
        purpose_id,
        purpose_version,
        purpose_hash,
        guardians,
        valid_until,
      },
    })
    return { school: message.iss, purpose_id, purpose_version, valid_until }
  })
}
