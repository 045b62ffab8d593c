import type { ConsentRequest, Receipt } from '@samen/consent'
import { type Statements, sql } from '@samen/pg-kit'

export interface ConsentRow {
  readonly handle: string
  readonly expires_at: Date
  readonly given_at: Date | null
  readonly withdrawn_at: Date | null
  readonly expired_at: Date | null
  /** the last day of what was given */
  readonly until: string | null
}

/** A question that was put: its page and until when it is open. */
export interface AskedRow {
  readonly handle: string
  readonly page_url: string
  readonly expires_at: Date
}

/** False when the message has its question already, or the handle stands for another question. */
export const insertConsentRequest = async (
  db: Statements,
  asked: { tenant: string; jti: string; request: ConsentRequest; at: Date } & AskedRow,
): Promise<boolean> =>
  (await db.run(sql`
    insert into consent_request
      (tenant, handle, message_id, purpose_id, purpose_version, school, page_url, expires_at, created_at)
    values (${asked.tenant}, ${asked.handle}, ${asked.jti}, ${asked.request.purpose_id}, ${asked.request.purpose_version},
      ${asked.request.school}, ${asked.page_url}, ${asked.expires_at}, ${asked.at})
    on conflict do nothing`)) === 1

/** The question that a message has put. */
export const readAsked = (db: Statements, tenant: string, jti: string): Promise<AskedRow | undefined> =>
  db.maybe<AskedRow>(sql`
    select handle, page_url, expires_at from consent_request where tenant = ${tenant} and message_id = ${jti}`)

/** A consent that the app asked for, whatever became of it; undefined for the handle of another app. */
export const readConsent = (db: Statements, tenant: string, handle: string): Promise<ConsentRow | undefined> =>
  db.maybe<ConsentRow>(sql`
    select q.handle, q.expires_at, q.given_at, q.withdrawn_at, q.expired_at, r.until
    from consent_request q left join consent_receipt r on r.tenant = q.tenant and r.handle = q.handle
    where q.tenant = ${tenant} and q.handle = ${handle}`)

/** False when the message was received before. */
export const insertReceived = async (
  db: Statements,
  message: { tenant: string; jti: string; at: Date },
): Promise<boolean> =>
  (await db.run(sql`
    insert into received_message (tenant, jti, received_at) values (${message.tenant}, ${message.jti}, ${message.at})
    on conflict (tenant, jti) do nothing`)) === 1

/** Marks the question as answered with yes. False when it is not ours, about something else, or over already. */
export const markGiven = async (
  db: Statements,
  given: { tenant: string; receipt: Receipt; at: Date },
): Promise<boolean> =>
  (await db.run(sql`
    update consent_request set given_at = coalesce(given_at, ${given.at})
    where tenant = ${given.tenant} and handle = ${given.receipt.handle} and school = ${given.receipt.school}
      and purpose_id = ${given.receipt.purpose_id} and purpose_version = ${given.receipt.purpose_version}
      and withdrawn_at is null and expired_at is null`)) === 1

/** Zero rows when this consent has a receipt: the first one stands. */
export const insertReceipt = (
  db: Statements,
  { tenant, receipt, at }: { tenant: string; receipt: Receipt; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into consent_receipt (tenant, handle, purpose_id, purpose_version, school, until, list_uri, list_index,
      binding_salt, binding, received_at)
    values (${tenant}, ${receipt.handle}, ${receipt.purpose_id}, ${receipt.purpose_version}, ${receipt.school},
      ${receipt.until}, ${receipt.status.status_list.uri}, ${receipt.status.status_list.idx},
      ${Buffer.from(receipt.binding_salt, 'base64url')}, ${Buffer.from(receipt.binding, 'base64url')}, ${at})
    on conflict (tenant, handle) do nothing`)

/** False when the consent is not ours. Withdrawing twice changes nothing. */
export const markWithdrawn = async (
  db: Statements,
  { tenant, handle, at }: { tenant: string; handle: string; at: Date },
): Promise<boolean> =>
  (await db.run(sql`
    update consent_request set withdrawn_at = coalesce(withdrawn_at, ${at})
    where tenant = ${tenant} and handle = ${handle}`)) === 1

/** True once: the receipt is marked and the index over the child's pseudonym goes; both before results are purged. */
export const markReceiptEnded = async (
  db: Statements,
  { tenant, handle, at }: { tenant: string; handle: string; at: Date },
): Promise<boolean> =>
  (await db.run(sql`
    update consent_receipt set ended_at = ${at}, pseudonym_tag = null
    where tenant = ${tenant} and handle = ${handle} and ended_at is null`)) === 1

/** What was given and is past its last day, oldest first. */
export const readPastLastDay = (
  db: Statements,
  past: { tenant: string; today: string; limit: number },
): Promise<{ handle: string; until: string }[]> =>
  db.many(sql`
    select handle, until from consent_receipt
    where tenant = ${past.tenant} and ended_at is null and until < ${past.today} order by until limit ${past.limit}`)

/** The last day of a consent is over; said once. */
export const markExpired = (
  db: Statements,
  { tenant, handle, at }: { tenant: string; handle: string; at: Date },
): Promise<number> =>
  db.run(sql`
    update consent_request set expired_at = ${at} where tenant = ${tenant} and handle = ${handle} and expired_at is null`)

/** What nobody has read yet under a consent that is over. The presentations read as without consent. */
export const deleteResults = (db: Statements, tenant: string, handle: string): Promise<number> =>
  db.run(sql`
    with gone as (
      delete from presentation_result where tenant = ${tenant} and handle = ${handle} returning tenant, id)
    update presentation p set state = 'consent_required' from gone where p.tenant = gone.tenant and p.id = gone.id`)

/** Forgets the receipt of a consent that has ended. */
export const deleteReceipt = (db: Statements, tenant: string, handle: string): Promise<number> =>
  db.run(sql`delete from consent_receipt where tenant = ${tenant} and handle = ${handle} and ended_at is not null`)

/** The lists of live consents that this app depends on. */
export const readListUris = (db: Statements, tenant: string): Promise<{ list_uri: string }[]> =>
  db.many(sql`
    select distinct list_uri from consent_receipt where tenant = ${tenant} and ended_at is null`)

/** Forgets the ids of old messages. */
export const purgeReceived = (db: Statements, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from received_message where tenant = ${tenant} and received_at < ${before}`)
