import { type Db, sql, type Tx } from '@samen/pg-kit'

export type OfferState = 'open' | 'redeemed' | 'cancelled' | 'dead' | 'expired'

export interface NewOffer {
  readonly id: string
  readonly referenceHash: Buffer
  readonly codeHash: Buffer
  readonly txCodeMac: Buffer | null
  readonly configurations: readonly string[]
  /** how many of each configuration */
  readonly copies: readonly number[]
  readonly pupilId: string
  /** the sealed record that the contents were made of */
  readonly readFrom: Buffer
  readonly subjectTag: Buffer
  readonly sealed: Buffer
  readonly verification: Buffer | null
  readonly credentialsExpireAt: Date
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** How often a transaction code may be tried. VCI#security-considerations-pre-authz-code */
const TRIES = 5

/**
 * False when the record of the pupil is no longer the one that was read. The row is locked, and an import locks what it changes first: it
 * comes before, and then nothing is offered on old ground, or after, and then it finds the offer and ends it.
 */
export const insertOffer = async (tx: Tx, tenant: string, offer: NewOffer): Promise<boolean> =>
  (await tx.run(sql`
    insert into offer (tenant, id, reference_hash, code_hash, tx_code_mac, tries_left, state, configurations, copies_left,
      pupil, subject_tag, sealed, verification, credentials_expire_at, created_at, expires_at)
    select ${tenant}, ${offer.id}, ${offer.referenceHash}, ${offer.codeHash}, ${offer.txCodeMac}, ${TRIES}, 'open',
      ${offer.configurations}, ${offer.copies}, pupil.id, ${offer.subjectTag}, ${offer.sealed}, ${offer.verification},
      ${offer.credentialsExpireAt}, ${offer.createdAt}, ${offer.expiresAt}
    from pupil where pupil.tenant = ${tenant} and pupil.id = ${offer.pupilId} and pupil.sealed = ${offer.readFrom}
    for share`)) === 1

export interface OpenOfferRow {
  readonly configurations: string[]
  readonly wants_tx_code: boolean
  readonly expires_at: Date
}

/** The offer behind a reference, while it can still be redeemed. */
export const readOpenOffer = (
  db: Db,
  tenant: string,
  referenceHash: Buffer,
  now: Date,
): Promise<OpenOfferRow | undefined> =>
  db.maybe<OpenOfferRow>(sql`
    select configurations, tx_code_mac is not null as wants_tx_code, expires_at
    from offer where tenant = ${tenant} and reference_hash = ${referenceHash} and state = 'open' and expires_at > ${now}`)

export interface OfferRow {
  readonly id: string
  readonly state: OfferState
  readonly configurations: string[]
  readonly created_at: Date
  readonly expires_at: Date
  readonly redeemed_at: Date | null
}

/** An open offer whose time is over reads as expired, whether or not a timer has been by. */
export const readOffer = (db: Db, tenant: string, id: string, now: Date): Promise<OfferRow | undefined> =>
  db.maybe<OfferRow>(sql`
    select id, case when state = 'open' and expires_at <= ${now} then 'expired' else state end as state, configurations,
      created_at, expires_at, redeemed_at
    from offer where tenant = ${tenant} and id = ${id}`)

/** Ends an offer that could still give something, and its token with it. False when there is none such. */
export const markCancelled = async (tx: Tx, tenant: string, id: string, now: Date): Promise<boolean> =>
  (await tx.run(sql`
    with ended as (
      update offer set state = 'cancelled', sealed = null
      where tenant = ${tenant} and id = ${id} and (state = 'redeemed' or (state = 'open' and expires_at > ${now}))
      returning id
    ), token as (
      delete from access_token using ended where tenant = ${tenant} and offer = ended.id
    )
    select id from ended`)) === 1

/** Ends every offer about these pupils, and its token with it. */
export const endOffersOfPupils = (tx: Tx, tenant: string, pupilIds: readonly string[]): Promise<number> =>
  tx.run(sql`
    with ended as (
      update offer set state = 'cancelled', sealed = null
      where tenant = ${tenant} and pupil = any (${pupilIds}::text[]) and state in ('open', 'redeemed')
      returning id
    )
    delete from access_token using ended where tenant = ${tenant} and offer = ended.id`)

/** Ends offers whose time is over, and forgets what they would have issued. Returns how many. */
export const expireOffers = (db: Db, tenant: string, now: Date): Promise<number> =>
  db.run(
    sql`update offer set state = 'expired', sealed = null where tenant = ${tenant} and state = 'open' and expires_at <= ${now}`,
  )

/** Forgets what a redeemed offer held once nothing can be fetched with it any more, or its pupil is gone. Returns how many. */
export const forgetContents = (db: Db, tenant: string): Promise<number> =>
  db.run(sql`
    update offer set sealed = null where tenant = ${tenant} and sealed is not null and (pupil is null or state = 'redeemed'
      and not exists (select from access_token t where t.tenant = ${tenant} and t.offer = offer.id))`)

/** After the database was set back: every code that was open may have been used since. Returns how many. */
export const endAllOffers = (tx: Tx, tenant: string): Promise<number> =>
  tx.run(
    sql`update offer set state = 'dead', sealed = null, redeemed_at = null where tenant = ${tenant} and state in ('open', 'redeemed')`,
  )
