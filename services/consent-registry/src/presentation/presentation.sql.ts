import { type Statements, sql } from '@samen/pg-kit'
import type { DecisionFacts } from '../decision/decision.sql.ts'
import type { Question } from './presentation-id.ts'

export type PresentationKind = Question['kind']

/** A wallet's answer, from which on a presentation is kept. */
export type AnswerRow = {
  idHash: Buffer
  kind: PresentationKind
  handle: string | null
  browserHash: Buffer
  responseCodeHash: Buffer
  sealedAnswer: Buffer
  confirmUntil: Date
}

/** Takes the one answer of a presentation. True for the first. */
export const insertAnswer = async (db: Statements, row: AnswerRow) =>
  (await db.run(sql`
    insert into presentation (id_hash, kind, handle, browser_hash, response_code_hash, sealed_answer, expires_at)
      values (${row.idHash}, ${row.kind}, ${row.handle}, ${row.browserHash}, ${row.responseCodeHash}, ${row.sealedAnswer},
        ${row.confirmUntil})
    on conflict do nothing`)) === 1

/** Whether a wallet has answered a presentation, confirmed or not. */
export const isAnswered = async (db: Statements, idHash: Buffer) =>
  (await db.maybe(sql`select from presentation where id_hash = ${idHash}`)) !== undefined

/** A presentation that the wallet has answered, with the request it is about; the request's columns are null for a record. */
export type AnsweredRow = {
  id_hash: Buffer
  kind: PresentationKind
  handle: string | null
  /** null once it is confirmed */
  sealed_answer: Buffer | null
} & DecisionFacts

/** By the code in the wallet's redirect. `is_here`: whether it came back to one of these browser sessions. */
export const readAnswered = (
  db: Statements,
  returned: { responseCodeHash: Buffer; browserHashes: readonly Buffer[]; now: Date },
) =>
  db.maybe<AnsweredRow & { is_here: boolean }>(sql`
    select p.id_hash, p.kind, p.handle, p.sealed_answer, p.browser_hash = any(${returned.browserHashes}::bytea[]) as is_here,
      r.state as recorded, r.guardians, r.expires_at, r.until, r.revision, r.child_tag, r.holders_tag,
      array(select encode(party_tag, 'hex') from decision d where d.handle = p.handle and d.word = 'yes') as said_yes,
      array(select encode(tag, 'hex') from unnest(r.given_by) as tag) as given_by
    from presentation p left join consent_request r on r.handle = p.handle
    where p.response_code_hash = ${returned.responseCodeHash} and p.expires_at > ${returned.now}`)

/** Counts one number typed in the browser that began, before it is looked at. No row when nothing waits for one, or no longer. */
export const countPairingTry = (
  db: Statements,
  typed: { kind: PresentationKind; browserHash: Buffer; mostTries: number; now: Date },
) =>
  db.maybe<AnsweredRow>(sql`
    with counted as (
      update presentation set pairing_tries = pairing_tries + 1
      where browser_hash = ${typed.browserHash} and kind = ${typed.kind} and sealed_answer is not null
        and pairing_tries < ${typed.mostTries} and expires_at > ${typed.now}
      returning id_hash, kind, handle, sealed_answer)
    select p.id_hash, p.kind, p.handle, p.sealed_answer, r.state as recorded, r.guardians, r.expires_at, r.until, r.revision,
      r.child_tag, r.holders_tag,
      array(select encode(party_tag, 'hex') from decision d where d.handle = p.handle and d.word = 'yes') as said_yes,
      array(select encode(tag, 'hex') from unnest(r.given_by) as tag) as given_by
    from counted p left join consent_request r on r.handle = p.handle`)

export type ConfirmationRow = { idHash: Buffer; sealedOutcome: Buffer; at: Date; openUntil: Date }

/** True for the first confirmation in time. */
export const confirmPresentation = async (db: Statements, row: ConfirmationRow) =>
  (await db.run(sql`
    update presentation set confirmed_at = ${row.at}, sealed_answer = null, sealed_outcome = ${row.sealedOutcome},
      expires_at = ${row.openUntil}
    where id_hash = ${row.idHash} and sealed_answer is not null and expires_at > ${row.at}`)) === 1

/** Leaves an answer alone that nobody has confirmed. */
export const amendSealedOutcome = (db: Statements, { idHash, sealedOutcome }: ConfirmationRow) =>
  db.run(
    sql`update presentation set sealed_outcome = ${sealedOutcome} where id_hash = ${idHash} and confirmed_at is not null`,
  )

/** What came of it, for the browser that began and has confirmed. */
export const readSealedOutcome = (
  db: Statements,
  browser: { kind: PresentationKind; browserHash: Buffer },
  now: Date,
) =>
  db.maybe<{ id_hash: Buffer; sealed_outcome: Buffer }>(sql`
    select id_hash, sealed_outcome from presentation
    where browser_hash = ${browser.browserHash} and kind = ${browser.kind} and confirmed_at is not null
      and expires_at > ${now}`)

/** Deletes what may no longer be confirmed or read. */
export const forgetPresentations = (db: Statements, before: Date) =>
  db.run(sql`delete from presentation where expires_at < ${before}`)
