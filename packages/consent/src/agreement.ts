import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { MARK_SCHOOL } from './trust-marks.ts'
import { CalendarDate, EntityId, isCalendarDate, malformed, plainText, RandomId, Sha256Text } from './wire-text.ts'

/** school → registry: this school approves this very text of this purpose, and says which guardians must answer. */
export const AGREEMENT_MESSAGE = { typ: 'samen-agreement+jwt', trustMark: MARK_SCHOOL } as const

const AgreementSchema = Type.Object(
  {
    purpose_id: RandomId,
    purpose_version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    purpose_hash: Sha256Text,
    app: EntityId,
    guardians: Type.Union([Type.Literal('every'), Type.Literal('one')]),
    processor_agreement: Type.Object(
      { model: plainText(80), reference: plainText(120), signed_at: CalendarDate },
      { additionalProperties: false },
    ),
    valid_until: CalendarDate,
  },
  { additionalProperties: false },
)

export type Agreement = Static<typeof AgreementSchema>

const shape = defineShape(AgreementSchema)

/** Checks the `agreement` member of a message. Throws ProtocolError 400 `invalid_request`. */
export function readAgreement(value: unknown): Agreement {
  const agreement = shape.read(value, (path) => malformed(`agreement${path}`))
  if (!isCalendarDate(agreement.valid_until)) throw malformed('agreement/valid_until')
  if (!isCalendarDate(agreement.processor_agreement.signed_at))
    throw malformed('agreement/processor_agreement/signed_at')
  return agreement
}
