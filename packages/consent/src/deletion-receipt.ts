import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { MARK_APP_VENDOR } from './trust-marks.ts'
import { Instant, malformed, RandomId } from './wire-text.ts'

/** app → registry: the app states that it deleted what it held under this consent. A statement, not a proof. */
export const DELETION_RECEIPT_MESSAGE = { typ: 'samen-deletion-receipt+jwt', trustMark: MARK_APP_VENDOR } as const

const DeletionSchema = Type.Object({ handle: RandomId, confirmed_at: Instant }, { additionalProperties: false })

export type Deletion = Static<typeof DeletionSchema>

const shape = defineShape(DeletionSchema)

/** Checks the `deletion` member of a message. Throws ProtocolError 400 `invalid_request`. */
export function readDeletion(value: unknown): Deletion {
  const deletion = shape.read(value, (path) => malformed(`deletion${path}`))
  if (Number.isNaN(Date.parse(deletion.confirmed_at))) throw malformed('deletion/confirmed_at')
  return deletion
}
