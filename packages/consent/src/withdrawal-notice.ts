import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { MARK_CONSENT_REGISTRY } from './trust-marks.ts'
import { CalendarDate, isCalendarDate, malformed, RandomId } from './wire-text.ts'

/** registry → app: a Security Event Token (SET#section-2.2), pushed (SETPUSH#section-2.1). Does not say who withdrew. */
export const WITHDRAWAL_MESSAGE = { typ: 'secevent+jwt', trustMark: MARK_CONSENT_REGISTRY } as const
const CONSENT_WITHDRAWN = 'urn:samen:event:consent-withdrawn'

const WithdrawalSchema = Type.Object({
  handle: RandomId,
  /** the last day on which the app may still hold the data */
  delete_by: CalendarDate,
})

export type Withdrawal = Static<typeof WithdrawalSchema>

const shape = defineShape(Type.Object({ [CONSENT_WITHDRAWN]: WithdrawalSchema }))

/** The `events` member of the notice. */
export function withdrawalEvents(withdrawal: Withdrawal): { [CONSENT_WITHDRAWN]: Withdrawal } {
  return { [CONSENT_WITHDRAWN]: withdrawal }
}

/** Reads the withdrawal out of an `events` member. Throws ProtocolError 400 `invalid_request`. */
export function readWithdrawal(events: unknown): Withdrawal {
  const { [CONSENT_WITHDRAWN]: withdrawal } = shape.read(events, (path) => malformed(`events${path}`))
  if (!isCalendarDate(withdrawal.delete_by)) throw malformed('events/delete_by')
  return withdrawal
}
