import type { DecisionWord, Purpose } from '@samen/consent'
import { type Statements, sql } from '@samen/pg-kit'
import type { ConsentState } from '../decision/consent-policy.ts'

/** Those of these places of a box that are taken. */
export const readBoxRows = (db: Statements, tags: readonly Buffer[]) =>
  db.many<{ tag: Buffer; sealed_handle: Buffer }>(
    sql`select tag, sealed_handle from box where tag = any(${tags}::bytea[])`,
  )

export type ConsentRow = {
  handle: string
  purpose: Purpose
  purpose_hash: string
  app: string
  app_name: string
  school: string
  school_name: string
  recorded: ConsentState
  until: string
  created_at: Date
  expires_at: Date
  given_at: Date | null
  withdrawn_at: Date | null
  notified_at: Date | null
  delete_by: string | null
  deletion_overdue_at: Date | null
  deletion_confirmed_at: Date | null
  deletion_message: string | null
  decisions: { decision: DecisionWord; at: string; sealed_evidence: string }[]
  events: EventRow[]
}

/** `idx` is null while the event waits for its place in the log. Bytes are hex. */
export type EventRow = { id: string; sealed_event: string; idx: number | null; at: string }

/** Requests with their decisions and events, of one moment: read apart, a decision could be there without its event. */
export const readConsents = (db: Statements, handles: readonly string[]) =>
  db.many<ConsentRow>(sql`
    select r.handle, p.document as purpose, r.purpose_hash, r.app, p.app_name, r.school, r.school_name, r.state as recorded, r.until,
      r.created_at, r.expires_at, r.given_at, r.withdrawn_at, r.notified_at, r.delete_by, r.deletion_overdue_at,
      r.deletion_confirmed_at, r.deletion_message,
      coalesce((
        select jsonb_agg(jsonb_build_object('decision', d.word, 'sealed_evidence', encode(d.sealed_evidence, 'hex'),
          'at', to_char(d.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by d.decided_at)
        from decision d where d.handle = r.handle), '[]') as decisions,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', e.id, 'sealed_event', encode(e.sealed_event, 'hex'), 'idx', e.idx,
          'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by e.idx)
        from log_event e where e.handle = r.handle and e.sealed_event is not null), '[]') as events
    from consent_request r join purpose p on p.id = r.purpose_id and p.version = r.purpose_version
    where r.handle = any(${handles}::text[])
    order by r.created_at, r.handle`)
