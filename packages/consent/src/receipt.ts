import { sha256 } from '@samen/jwt-profile'
import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { MARK_CONSENT_REGISTRY } from './trust-marks.ts'
import { CalendarDate, EntityId, isCalendarDate, malformed, RandomId, Sha256Text } from './wire-text.ts'

/** registry → app, encrypted to the app: this consent is live as long as its bit in the registry's list says so. */
export const RECEIPT_MESSAGE = { typ: 'samen-receipt+jwt', trustMark: MARK_CONSENT_REGISTRY } as const

const ReceiptSchema = Type.Object({
  handle: RandomId,
  purpose_id: RandomId,
  purpose_version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  school: EntityId,
  until: CalendarDate,
  status: Type.Object({
    status_list: Type.Object({ uri: EntityId, idx: Type.Integer({ minimum: 0, maximum: 100_000_000 }) }),
  }),
  binding_salt: RandomId,
  binding: Sha256Text,
})

export type Receipt = Static<typeof ReceiptSchema>

const shape = defineShape(ReceiptSchema)

/** Checks the `receipt` member of a message. Throws ProtocolError 400 `invalid_request`. */
export function readReceipt(value: unknown): Receipt {
  const receipt = shape.read(value, (path) => malformed(`receipt${path}`))
  if (!isCalendarDate(receipt.until)) throw malformed('receipt/until')
  return receipt
}

/**
 * Ties a consent to a child without an id that two parties share: base64url(SHA-256(salt ‖ the pseudonym for this app)).
 * `salt` is the receipt's `binding_salt` (16 bytes, base64url). The app's verifier recomputes it from a presentation.
 */
export function bindPseudonym(salt: string, pseudonym: string): string {
  return sha256(Buffer.concat([Buffer.from(salt, 'base64url'), Buffer.from(pseudonym, 'utf8')])).toString('base64url')
}

/** When a receipt ends by itself: with its last day (UTC). Goes into the message, so that nobody takes it later. */
export function receiptExpiry({ until }: Pick<Receipt, 'until'>): Date {
  return new Date(Date.parse(`${until}T00:00:00Z`) + 86_400_000)
}
