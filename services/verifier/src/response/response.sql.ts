import { type Statements, sql } from '@samen/pg-kit'

export interface Candidate {
  readonly handle: string
  readonly school: string
  readonly until: string
  readonly list_uri: string
  readonly list_index: number
}

type ClaimedRow = { readonly is_known: boolean } & { readonly [column in keyof Candidate]: Candidate[column] | null }

/**
 * Spends the request, and finds in the same statement the consents that could cover the child who is said to be presented: by the tag
 * of a pseudonym seen before (`is_known`), and only where there is none by recomputing the salted binding of the receipts that were never
 * used. No row when the request was answered before, has expired, or the state is another's.
 */
export const claimRequest = (
  db: Statements,
  claim: { tenant: string; requestHash: Buffer; stateHash: Buffer; pseudonym: string; tag: Buffer; now: Date },
): Promise<ClaimedRow[]> =>
  db.many<ClaimedRow>(sql`
    with claimed as (
      update presentation set state = 'answering'
      where tenant = ${claim.tenant} and request_hash = ${claim.requestHash} and state_hash = ${claim.stateHash}
        and state = 'requested' and expires_at > ${claim.now}
      returning tenant, purpose_id, purpose_version, handle),
    known as (
      select r.* from claimed c cross join lateral (
        select handle, school, until, list_uri, list_index from consent_receipt
        where tenant = c.tenant and purpose_id = c.purpose_id and purpose_version = c.purpose_version
          and ended_at is null and pseudonym_tag = ${claim.tag} and (c.handle is null or handle = c.handle)
        limit 16) r),
    found as (
      select true as is_known, known.* from known
      union all
      select false, r.* from claimed c cross join lateral (
        select handle, school, until, list_uri, list_index from consent_receipt
        where tenant = c.tenant and purpose_id = c.purpose_id and purpose_version = c.purpose_version
          and ended_at is null and pseudonym_tag is null and (c.handle is null or handle = c.handle)
          and sha256(binding_salt || convert_to(${claim.pseudonym}, 'UTF8')) = binding
        limit 16) r
      where not exists (select from known))
    select coalesce(f.is_known, false) as is_known, f.handle, f.school, f.until, f.list_uri, f.list_index
    from claimed left join found f on true`)

/** Of the receipts that were never used those of this child, for a request that is being answered. */
export const readUnused = (
  db: Statements,
  { tenant, requestHash, pseudonym }: { tenant: string; requestHash: Buffer; pseudonym: string },
): Promise<Candidate[]> =>
  db.many<Candidate>(sql`
    select r.handle, r.school, r.until, r.list_uri, r.list_index
    from presentation p join consent_receipt r on r.tenant = p.tenant and r.purpose_id = p.purpose_id
      and r.purpose_version = p.purpose_version and (p.handle is null or r.handle = p.handle)
    where p.tenant = ${tenant} and p.request_hash = ${requestHash} and p.state = 'answering'
      and r.ended_at is null and r.pseudonym_tag is null
      and sha256(r.binding_salt || convert_to(${pseudonym}, 'UTF8')) = r.binding
    limit 16`)

/**
 * Stores the result under a consent and remembers its child, all or nothing. The row of the receipt is locked first: a notice of
 * withdrawal that is being stored comes before, and then nothing is kept, or after, and then it finds the result and purges it.
 */
export const keepResult = (
  db: Statements,
  result: {
    tenant: string
    id: string
    handle: string
    tag: Buffer
    sealed: Buffer
    responseCodeHash: Buffer
    at: Date
    expiresAt: Date
  },
): Promise<{ state: string } | undefined> =>
  db.maybe<{ state: string }>(sql`
    with receipt as (
      update consent_receipt set pseudonym_tag = ${result.tag}
      where tenant = ${result.tenant} and handle = ${result.handle} and ended_at is null returning handle),
    ended as (
      update presentation set sealed_secrets = null, response_code_hash = ${result.responseCodeHash},
        answered_at = ${result.at}, expires_at = ${result.expiresAt},
        state = case when exists (select 1 from receipt) then 'verified' else 'consent_required' end
      where tenant = ${result.tenant} and id = ${result.id} and state = 'answering' returning tenant, id, state),
    kept as (
      insert into presentation_result (tenant, id, handle, sealed, expires_at)
      select tenant, id, ${result.handle}, ${result.sealed}, ${result.expiresAt} from ended where state = 'verified'),
    audited as (
      insert into audit_event (tenant, id, at, actor, action, object, outcome)
      select tenant, gen_random_uuid(), ${result.at}, 'wallet', 'presentation.answered', id, state from ended)
    select state from ended`)

/** Ends a request without a result. `from` is the state that it must be in. False when it was not. */
export const endRequest = async (
  db: Statements,
  end: {
    tenant: string
    requestHash: Buffer
    stateHash: Buffer
    from: 'requested' | 'answering'
    state: 'consent_required' | 'refused'
    responseCodeHash: Buffer | undefined
    at: Date
    expiresAt: Date
    outcome: string
  },
): Promise<boolean> =>
  (await db.run(sql`
    with ended as (
      update presentation set state = ${end.state}, sealed_secrets = null,
        response_code_hash = ${end.responseCodeHash ?? null}, answered_at = ${end.at},
        expires_at = ${end.expiresAt}
      where tenant = ${end.tenant} and request_hash = ${end.requestHash} and state_hash = ${end.stateHash}
        and state = ${end.from} and (state = 'answering' or expires_at > ${end.at})
      returning tenant, id)
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select tenant, gen_random_uuid(), ${end.at}, 'wallet', 'presentation.answered', id, ${end.outcome} from ended`)) ===
  1

/** Gives a spent request back, with the reason in the audit. Nothing happens when it has come to its end in the meantime. */
export const reopenRequest = (
  db: Statements,
  spent: { tenant: string; requestHash: Buffer; at: Date; outcome: string },
): Promise<number> =>
  db.run(sql`
    with reopened as (
      update presentation set state = 'requested'
      where tenant = ${spent.tenant} and request_hash = ${spent.requestHash} and state = 'answering'
      returning tenant, id)
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select tenant, gen_random_uuid(), ${spent.at}, 'wallet', 'presentation.answered', id, ${spent.outcome} from reopened`)
