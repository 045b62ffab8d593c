import type { Agreement, Purpose } from '@samen/consent'
import { type Statements, sql, type Tx } from '@samen/pg-kit'
import type { ConsentState } from '../decision/consent-policy.ts'

export type NewRequest = {
  handle: string
  app: string
  purpose_id: string
  purpose_version: number
  school: string
  expiresAt: Date
}

/**
 * Opens a request when the purpose is this app's, still runs, and the school has an agreement in force over that very text. What
 * the agreement says is copied: a later one does not change a question that was put. It closes when it was asked to, or with its last day
 * (UTC) if that is earlier. Returns when, or undefined when it was not opened.
 */
export const insertRequest = (tx: Tx, row: NewRequest, now: Date) => {
  const today = now.toISOString().slice(0, 10)
  return tx.maybe<{ expires_at: Date }>(sql`
    insert into consent_request (handle, purpose_id, purpose_version, purpose_hash, app, school, school_name, guardians, until,
        processor_agreement, created_at, expires_at)
      select ${row.handle}, p.id, p.version, p.hash, p.app, a.school, a.school_name, a.guardians,
        least(p.valid_until, a.valid_until), a.document -> 'processor_agreement', ${now},
        least(${row.expiresAt}, (least(p.valid_until, a.valid_until) + 1)::timestamp at time zone 'UTC')
      from purpose p
      join agreement a on a.purpose_id = p.id and a.purpose_version = p.version and a.app = p.app and a.purpose_hash = p.hash
      where p.id = ${row.purpose_id} and p.version = ${row.purpose_version} and p.app = ${row.app}
        and a.school = ${row.school} and p.valid_until >= ${today} and a.valid_until >= ${today}
      returning expires_at`)
}

/** When a question of this app closes, or undefined when it put none under that handle. */
export const readClosing = (tx: Tx, handle: string, app: string) =>
  tx.maybe<{ expires_at: Date }>(sql`select expires_at from consent_request where handle = ${handle} and app = ${app}`)

/** A request with the texts that a guardian reads: pinned in it, or in its purpose, which never changes. */
export type RequestRow = {
  handle: string
  purpose: Purpose
  purpose_hash: string
  app: string
  app_name: string
  school: string
  school_name: string
  guardians: 'every' | 'one'
  processor_agreement: Agreement['processor_agreement']
  until: string
  created_at: Date
  expires_at: Date
  recorded: ConsentState
  delete_by: string | null
}

/** Undefined for an unknown handle. */
export const readRequest = (db: Statements, handle: string) =>
  db.maybe<RequestRow>(sql`
    select r.handle, p.document as purpose, r.purpose_hash, r.app, p.app_name, r.school, r.school_name, r.guardians,
      r.processor_agreement, r.until, r.created_at, r.expires_at, r.state as recorded, r.delete_by
    from consent_request r
    join purpose p on p.id = r.purpose_id and p.version = r.purpose_version
    where r.handle = ${handle}`)

/** In what state time can find a request at its end. */
export type EndedState = 'requested' | 'refused' | 'given'

/**
 * Requests that time has ended and whose end was not logged yet, of each state so many, oldest first. A refused one ends when a silent one
 * does. Each part has its own index, in the order of what ends it: nothing that is still open is read.
 */
export const readEnded = (db: Statements, now: Date, limit: number) =>
  db.many<{ handle: string; recorded: EndedState }>(sql`
    (select handle, state as recorded from consent_request
      where state = 'requested' and expires_at <= ${now} order by expires_at limit ${limit})
    union all
    (select handle, state from consent_request
      where state = 'refused' and closed_at is null and expires_at <= ${now} order by expires_at limit ${limit})
    union all
    (select handle, state from consent_request
      where state = 'given' and until < ${now.toISOString().slice(0, 10)} order by until limit ${limit})`)

/**
 * Ends a request that is still as it was read, and takes its bit out of the list. An app that has the receipt has so many days to delete
 * what it holds. True when this call did it.
 */
export const markEnded = async (
  tx: Tx,
  ending: { handle: string; recorded: EndedState; at: Date; deletionDays: number },
) => {
  const { handle, recorded, at, deletionDays } = ending
  const { ended } = await tx.one<{ ended: boolean }>(sql`
    with ended as (
      update consent_request set state = case state when 'refused' then state else 'expired' end, closed_at = ${at},
        delete_by = case when state = 'given' and sealed_receipt is null then until + ${deletionDays}::integer end,
        revision = revision + 1, sealed_receipt = null
      where handle = ${handle} and state = ${recorded} and closed_at is null returning list, list_index),
    flipped as (
      update consent_index set revoked = true from ended
      where consent_index.list = ended.list and consent_index.idx = ended.list_index)
    select exists (select from ended) as ended`)
  return ended
}
