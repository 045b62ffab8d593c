import { Type } from 'typebox'
import { calendarDate, closed, Id } from '../api-schema.ts'

const Guardians = Type.Union([Type.Literal('every'), Type.Literal('one')], {
  description: 'whether every guardian has to say yes, or one of them',
  examples: ['every'],
})
const until = calendarDate('the last day of the agreement')

/** What the office sends to approve a purpose. */
export const AgreementOrder = closed({
  purpose_uri: Type.String({
    maxLength: 600,
    description: 'address of the purpose at its consent registry',
    examples: ['https://registry.example/purposes/qPmxiNFCR3QTm19POc8u1A/1'],
  }),
  guardians: Guardians,
  processor_agreement: closed({
    model: Type.String({ minLength: 1, maxLength: 80, examples: ['modelverwerkersovereenkomst-4.0'] }),
    reference: Type.String({ minLength: 1, maxLength: 120, examples: ['VO-2026-017'] }),
    signed_at: calendarDate('when it was signed', '2026-08-20'),
  }),
  valid_until: until,
})

/** How an agreement stands. */
export const AgreementState = Type.Object({
  id: Id,
  registry: Type.String({ examples: ['https://registry.example'] }),
  purpose_id: Id,
  purpose_version: Type.Integer({ examples: [1] }),
  purpose_hash: Type.String({ examples: ['n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'] }),
  app: Type.String({ examples: ['https://verifier.example/apps/rekenrijk'] }),
  guardians: Guardians,
  valid_until: until,
  state: Type.Union([Type.Literal('signed'), Type.Literal('delivered'), Type.Literal('rejected')], {
    description: 'whether the registry has it, or does not want it',
    examples: ['delivered'],
  }),
})
