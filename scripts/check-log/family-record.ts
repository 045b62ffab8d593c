import { defineShape, type JsonValue } from '@samen/strict-json'
import { type LogRecord, type LogRecordEntry, readLogRecord } from '@samen/transparency-log'
import { type Static, Type } from 'typebox'
import { CheckFault, UNREADABLE } from './advice.ts'

const Text = Type.String()
const orNull = <Schema extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Object>>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

// No unknown members: the same signature beside another word would have another hash, and count as another answer.
const closed = { additionalProperties: false }
const Evidence = Type.Object(
  {
    salt: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' }),
    document: Type.Object(
      {
        handle: Text,
        purpose_id: Text,
        purpose_version: Type.Integer(),
        purpose_hash: Text,
        app: Text,
        school: Text,
        registry: Text,
        decision: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('withdraw')]),
        until: Text,
        expires_at: Text,
      },
      closed,
    ),
    issuer_jwt: Text,
    kb_jwt: Text,
  },
  closed,
)

const PurposeText = {
  id: Text,
  version: Type.Integer(),
  title: Type.Unknown(),
  why: Type.Unknown(),
  legal_basis: Text,
  retention: Text,
}
const Claim = Type.Object({ fact: Text, why: Type.Unknown() })

const Consent = Type.Object({
  handle: Text,
  page_url: Text,
  purpose: Type.Object({
    ...PurposeText,
    uri: Text,
    hash: Text,
    claims: Type.Array(Claim),
    document: Type.Object({ ...PurposeText, claims: Type.Array(Claim) }),
  }),
  app: Type.Object({ entity_id: Text }),
  school: Type.Object({ entity_id: Text }),
  state: Text,
  requested_at: Text,
  expires_at: Text,
  until: Text,
  given_at: orNull(Text),
  decisions: Type.Array(Type.Object({ decision: Text, at: Text, evidence: Evidence })),
  withdrawal: orNull(Type.Object({ at: Text, delete_by: orNull(Text) })),
  delete_by: orNull(Text),
  deletion_receipt: orNull(Type.Object({ received_at: Text, message: Text })),
  deletion_overdue_since: orNull(Text),
})

/** One request as a record shows it, as far as the log can speak about it. */
export type RecordedConsent = Static<typeof Consent>
export type Evidence = Static<typeof Evidence>
export type FamilyRecord = {
  log: LogRecord['log'] & { size: number }
  consents: RecordedConsent[]
  events: (LogRecordEntry & { at: string })[]
}

const Shown = Type.Object({
  log: Type.Object({ size: Type.Integer() }),
  consents: Type.Array(Consent),
  events: Type.Array(Type.Object({ at: Text })),
})
const shown = defineShape(Shown)

/** Reads a record: its log entries and what it shows about each request. Throws LogError `malformed_record`, CheckFault. */
export function readFamilyRecord(value: JsonValue): FamilyRecord {
  const record = readLogRecord(value)
  shown.read(value, (path) => new CheckFault(UNREADABLE, `the record is not complete at ${path || 'its beginning'}`))
  return record as FamilyRecord
}
