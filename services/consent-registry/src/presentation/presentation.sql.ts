import { type Statements, sql } from '@samen/pg-kit'
import type { RequestRow } from '../request/request.sql.ts'

export type NewPresentation = {
  idHash: Buffer
  kind: 'decision' | 'record'
  handle: string | null
  browserHash: Buffer
  sealedRequest: Buffer
  createdAt: Date
  expiresAt: Date
}

/** At most `limit` unanswered presentations of one request at a time; true when this one was added. */
export const insertPresentation = async (db: Statements, row: NewPresentation, limit: number) =>
  (await db.run(sql`
    insert into presentation (id_hash, kind, handle, browser_hash, sealed_request, created_at, expires_at)
      select ${row.idHash}, ${row.kind}, ${row.handle}, ${row.browserHash}, ${row.sealedRequest}, ${row.createdAt}, ${row.expiresAt}
      where ${row.handle}::text is null or ${limit} > (
        select count(*) from presentation
        where handle = ${row.handle} and answered_at is null and expires_at > ${row.createdAt})`)) === 1

export const readSealedRequest = (db: Statements, idHash: Buffer, now: Date, createdAfter: Date) =>
  db.maybe<{ sealed_request: Buffer; created_at: Date; expires_at: Date }>(sql`
    select sealed_request, created_at, expires_at from presentation
    where id_hash = ${idHash} and answered_at is null and expires_at > ${now} and created_at > ${createdAfter}`)

/** What a decision needs to know of its request besides the document that was signed. */
export type DecisionFacts = Pick<RequestRow, 'recorded' | 'guardians' | 'expires_at' | 'until'> & {
  revision: number
  child_tag: Buffer | null
  holders_tag: Buffer | null
  said_yes: string[]
}

export type OpenPresentation = {
  kind: 'decision' | 'record'
  handle: string | null
  sealed_request: Buffer
} & DecisionFacts

/** An unanswered presentation with the request it is about, in one statement. The columns of the request are null for a record. */
export const readOpenPresentation = (db: Statements, idHash: Buffer, now: Date) =>
  db.maybe<OpenPresentation>(sql`
    select p.kind, p.handle, p.sealed_request, r.state as recorded, r.guardians, r.expires_at, r.until, r.revision, r.child_tag,
      r.holders_tag, array(select encode(party_tag, 'hex') from decision d where d.handle = p.handle and d.word = 'yes') as said_yes
    from presentation p left join consent_request r on r.handle = p.handle
    where p.id_hash = ${idHash} and p.answered_at is null and p.expires_at > ${now}`)

export const readDecisionFacts = (db: Statements, handle: string) =>
  db.one<DecisionFacts>(sql`
    select state as recorded, guardians, expires_at, until, revision, child_tag, holders_tag,
      array(select encode(party_tag, 'hex') from decision d where d.handle = r.handle and d.word = 'yes') as said_yes
    from consent_request r where handle = ${handle}`)

export type Answer = { idHash: Buffer; responseCodeHash: Buffer; sealedOutcome: Buffer; at: Date; openUntil: Date }

/** Takes the one answer of a presentation. True for the first answer in time. */
export const answerPresentation = async (db: Statements, answer: Answer) =>
  (await db.run(sql`
    update presentation set answered_at = ${answer.at}, sealed_request = null, response_code_hash = ${answer.responseCodeHash},
      sealed_outcome = ${answer.sealedOutcome}, expires_at = ${answer.openUntil}
    where id_hash = ${answer.idHash} and answered_at is null and expires_at > ${answer.at}`)) === 1

export type Outcome = { id_hash: Buffer; sealed_outcome: Buffer }

/**
 * The outcome for the browser that began. The first time it must show the response code that only the wallet's redirect carries,
 * so that neither a stolen cookie nor a stolen link is enough.
 */
export const openOutcome = (
  db: Statements,
  browser: { kind: 'decision' | 'record'; browserHash: Buffer; responseCodeHash: Buffer | null },
  now: Date,
) =>
  db.maybe<Outcome>(sql`
    update presentation set opened_at = coalesce(opened_at, ${now})
    where browser_hash = ${browser.browserHash} and kind = ${browser.kind} and answered_at is not null and expires_at > ${now}
      and (opened_at is not null or response_code_hash = ${browser.responseCodeHash})
    returning id_hash, sealed_outcome`)

export const forgetPresentations = (db: Statements, before: Date) =>
  db.run(sql`delete from presentation where expires_at < ${before}`)
