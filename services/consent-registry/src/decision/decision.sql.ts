import { type Statements, sql, type Tx } from '@samen/pg-kit'
import type { LogEventRow } from '../log/log.sql.ts'
import type { ConfirmationRow } from '../presentation/presentation.sql.ts'
import type { BoxPlaces } from '../record/box.ts'
import type { RequestRow } from '../request/request.sql.ts'
import type { ConsentState } from './consent-policy.ts'

/** What a decision needs to know of its request besides the document that was signed. */
export type DecisionFacts = Pick<RequestRow, 'recorded' | 'guardians' | 'expires_at' | 'until'> & {
  revision: number
  child_tag: Buffer | null
  holders_tag: Buffer | null
  said_yes: string[]
  /** on whose yes the consent stands; empty before it is given */
  given_by: string[]
}

/** How a request stands now, to judge a decision once more. */
export const readDecisionFacts = (db: Statements, handle: string) =>
  db.one<DecisionFacts>(sql`
    select state as recorded, guardians, expires_at, until, revision, child_tag, holders_tag,
      array(select encode(party_tag, 'hex') from decision d where d.handle = r.handle and d.word = 'yes') as said_yes,
      array(select encode(tag, 'hex') from unnest(r.given_by) as tag) as given_by
    from consent_request r where handle = ${handle}`)

export type DecisionWrite = {
  handle: string
  /** the revision that the decision was judged on */
  revision: number
  state: ConsentState
  word: string
  at: Date
  partyTag: Buffer
  childTag: Buffer
  /** of a yes; replaces that of earlier ones, which agree with it or have no authority behind them any more */
  holdersTag: Buffer | null
  sealedEvidence: Buffer
  /** places in the child's box, to be tried in their order; undefined when the request is in the box already */
  places: BoxPlaces | undefined
  /** for a consent that becomes live: on whose yes it stands, its list, indices to try, and what the receipt needs */
  given: { by: readonly Buffer[]; list: string; candidates: readonly number[]; sealedReceipt: Buffer } | undefined
  deleteBy: string | null
  event: LogEventRow
  confirmation: ConfirmationRow
}

export type Written = { claimed: boolean; moved: boolean; boxed: boolean }

/**
 * Everything a decision changes, in one statement, guarded by the revision it was judged on: of two decisions at once one is
 * first and the other is judged again. When a part is false nothing may stay: the caller rolls back.
 */
export const writeDecision = (tx: Tx, w: DecisionWrite) =>
  tx.one<Written>(sql`
    with claimed as (
      update presentation set confirmed_at = ${w.confirmation.at}, sealed_answer = null,
        sealed_outcome = ${w.confirmation.sealedOutcome}, expires_at = ${w.confirmation.openUntil}
      where id_hash = ${w.confirmation.idHash} and sealed_answer is not null and expires_at > ${w.confirmation.at} returning 1),
    indexed as (
      insert into consent_index (list, idx)
        select ${w.given?.list ?? null}, c from unnest(${w.given?.candidates ?? []}::integer[]) as c
        where (select true from consent_index i where i.list = ${w.given?.list ?? null} and i.idx = c) is null limit 1
      on conflict do nothing returning list, idx),
    moved as (
      update consent_request set state = ${w.state}, revision = revision + 1,
        child_tag = coalesce(child_tag, ${w.childTag}), holders_tag = coalesce(${w.holdersTag}, holders_tag),
        list = coalesce(list, (select list from indexed)), list_index = coalesce(list_index, (select idx from indexed)),
        sealed_receipt = ${w.given?.sealedReceipt ?? null}, given_by = coalesce(${w.given?.by ?? null}::bytea[], given_by),
        given_at = case when ${w.state} = 'given' then ${w.at}::timestamptz else given_at end,
        withdrawn_at = case when ${w.state} = 'withdrawn' then ${w.at}::timestamptz end, delete_by = ${w.deleteBy}::date
      where handle = ${w.handle} and revision = ${w.revision} and exists (select from claimed)
        and (${w.state} <> 'given' or exists (select from indexed))
      returning handle, state, list, list_index),
    flipped as (
      update consent_index set revoked = true from moved
      where moved.state = 'withdrawn' and consent_index.list = moved.list and consent_index.idx = moved.list_index),
    decided as (
      insert into decision (handle, party_tag, word, decided_at, sealed_evidence)
        select handle, ${w.partyTag}, ${w.word}, ${w.at}, ${w.sealedEvidence} from moved),
    boxed as (
      insert into box (tag, sealed_handle)
        select tag, ${w.places?.sealedHandle ?? null}
        from unnest(${w.places?.tags ?? []}::bytea[]) with ordinality as place (tag, position)
        where exists (select from moved) and not exists (select from box b where b.tag = place.tag)
        order by position limit 1
      on conflict do nothing returning 1),
    logged as (
      insert into log_event (id, handle, commitment, sealed_event, at)
        select ${w.event.id}, handle, ${w.event.commitment}, ${w.event.sealed}, ${w.event.at} from moved)
    select exists (select from claimed) as claimed, exists (select from moved) as moved, exists (select from boxed) as boxed`)

/**
 * Of these requests those that stand for the same app and purpose as `handle`, on a yes of the party whose tag is beside each, oldest
 * first. The two lists go side by side.
 */
export const readStanding = (
  db: Statements,
  handle: string,
  others: { handles: readonly string[]; parties: readonly Buffer[]; today: string },
) =>
  db.many<{ handle: string }>(sql`
    select r.handle from consent_request r
    join consent_request about on about.handle = ${handle} and about.app = r.app and about.purpose_id = r.purpose_id
    join unnest(${others.handles}::text[], ${others.parties}::bytea[]) as own (handle, party) on own.handle = r.handle
    where r.handle <> about.handle and r.state = 'given' and r.until >= ${others.today} and own.party = any(r.given_by)
    order by r.created_at, r.handle`)

/** The evidence of each yes to a request so far, with its party in hex. */
export const readEvidenceOfYes = (db: Statements, handle: string) =>
  db.many<{ party: string; sealed_evidence: Buffer }>(sql`
    select encode(party_tag, 'hex') as party, sealed_evidence from decision where handle = ${handle} and word = 'yes'`)
