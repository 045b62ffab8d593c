import { type Db, type Statements, sql, type Tx } from '@samen/pg-kit'

export interface IntendedIssuance {
  readonly tokenHash: Buffer
  readonly jkt: string
  readonly jtiHash: Buffer
  readonly jtiExpiresAt: Date
  readonly configuration: string
  readonly byIdentifier: boolean
  /** sorted, without doubles: two requests then wait for each other in the same order */
  readonly nonces: readonly { readonly hash: Buffer; readonly expiresAt: Date }[]
  readonly issuanceId: string
  readonly notificationHash: Buffer
  /** one for each copy */
  readonly keyTags: readonly Buffer[]
  readonly list: string
  /** random numbers, more than are needed: each is a place in the list, modulo its size */
  readonly draws: readonly number[]
  readonly now: Date
}

export interface IntentRow {
  readonly offer: string
  readonly uses_identifiers: boolean
  readonly is_authorized: boolean
  readonly proof_is_fresh: boolean
  readonly nonces_are_fresh: boolean
  readonly keys_are_new: boolean
  /** whether the issuance was written; the rest of the row then says what to sign */
  readonly is_recorded: boolean
  readonly sealed: Buffer | null
  readonly places: Place[]
}

/** Where one copy stands: `position` is that of its key in the request, from 1. */
export interface Place {
  readonly position: number
  readonly list: string
  readonly idx: number
}

/**
 * All that must be true before a key is used, in one statement: the token lives and is bound to this key, the DPoP proof
 * and every nonce are used for the first time, no key is in a copy yet, the offer still allows so many copies of this
 * configuration; then the issuance and its places in the list are written. No row when there is no such token; then nothing
 * is stored. A key that comes in two requests at the same moment violates `status_index_key`, and nothing is stored either.
 *
 * Each step reads what the one before it returned, so that a refused request leaves no place and no intent behind. Places
 * may be fewer than asked when others took the same ones at the same moment; `claimPlaces` gets the rest. Whether a place is free
 * is looked up by its whole key for each draw: as a join, a list without statistics is read whole for every request.
 */
export const intendIssuance = (db: Db, tenant: string, i: IntendedIssuance): Promise<IntentRow | undefined> =>
  db.maybe<IntentRow>(sql`
    with token as (
      select t.offer, t.uses_identifiers, o.sealed,
        ${i.configuration} = any (t.configurations) and t.uses_identifiers = ${i.byIdentifier} as is_authorized
      from access_token t join offer o on o.tenant = t.tenant and o.id = t.offer
      where t.tenant = ${tenant} and t.token_hash = ${i.tokenHash} and t.jkt = ${i.jkt} and t.expires_at > ${i.now}
    ), proof as (
      insert into dpop_proof (tenant, jti_hash, expires_at)
      select ${tenant}, ${i.jtiHash}, ${i.jtiExpiresAt} from token
      on conflict do nothing
      returning 1
    ), spent as (
      insert into spent_nonce (tenant, nonce_hash, expires_at)
      select ${tenant}, n.hash, n.expires_at
      from proof, unnest(${i.nonces.map((n) => n.hash)}::bytea[], ${i.nonces.map((n) => n.expiresAt)}::timestamptz[]) n (hash, expires_at)
      on conflict do nothing
      returning 1
    ), known as (
      select 1 from status_index s where s.tenant = ${tenant} and s.key_tag = any (${i.keyTags}::bytea[])
    ), counted as (
      update offer o set copies_left[array_position(o.configurations, ${i.configuration})] =
        o.copies_left[array_position(o.configurations, ${i.configuration})] - ${i.keyTags.length}::integer
      from token
      where o.tenant = ${tenant} and o.id = token.offer and token.is_authorized
        and (select count(*) from spent) = ${i.nonces.length} and not exists (select from known)
        and o.state = 'redeemed' and o.pupil is not null and o.sealed is not null
        and o.copies_left[array_position(o.configurations, ${i.configuration})] >= ${i.keyTags.length}
        and o.credentials_expire_at > ${i.now}
      returning o.id, o.subject_tag, o.credentials_expire_at
    ), intent as (
      insert into issuance (tenant, id, offer, configuration, copies, state, subject_tag, notification_hash, expires_at, intended_at)
      select ${tenant}, ${i.issuanceId}, id, ${i.configuration}, ${i.keyTags.length}, 'intended', subject_tag,
        ${i.notificationHash}, credentials_expire_at, ${i.now}
      from counted
      returning id
    ), free as (
      select drawn.idx, row_number() over (order by drawn.nr) as position
      from intent, (
        select d.draw % l.size as idx, min(d.nr) as nr
        from status_list l, unnest(${i.draws}::integer[]) with ordinality d (draw, nr)
        where l.tenant = ${tenant} and l.id = ${i.list} and l.is_open group by 1
      ) drawn
      where (select true from status_index s where s.tenant = ${tenant} and s.list = ${i.list} and s.idx = drawn.idx) is null
      order by drawn.nr limit ${i.keyTags.length}
    ), taken as (
      insert into status_index (tenant, list, idx, issuance, key_tag)
      select ${tenant}, ${i.list}, free.idx, ${i.issuanceId}, k.tag
      from free join unnest(${i.keyTags}::bytea[]) with ordinality k (tag, position) on k.position = free.position
      on conflict (tenant, list, idx) do nothing
      returning idx
    )
    select token.offer, token.uses_identifiers, token.is_authorized, token.sealed,
      exists (select from proof) as proof_is_fresh,
      (select count(*) from spent) = ${i.nonces.length} as nonces_are_fresh,
      not exists (select from known) as keys_are_new,
      exists (select from intent) as is_recorded,
      coalesce((select jsonb_agg(jsonb_build_object('position', free.position, 'list', ${i.list}::text, 'idx', taken.idx))
        from taken join free using (idx)), '[]') as places
    from token`)

export interface ClaimRow {
  /** false when the copies were revoked meanwhile: then nothing was taken */
  readonly is_intended: boolean
  /** `nr` is the position of its key among those of the claim, from 1 */
  readonly places: { readonly nr: number; readonly idx: number }[]
}

/**
 * Places for the copies that got none at the first go. A place is taken by whoever inserts it first and is never given back. The intent is
 * held while they are taken: whoever revokes it comes before, and then there are none, or after, and then knows of all of them.
 */
export const claimPlaces = (
  db: Statements,
  tenant: string,
  claim: {
    readonly issuanceId: string
    readonly list: string
    readonly draws: readonly number[]
    readonly keyTags: readonly Buffer[]
  },
): Promise<ClaimRow> =>
  db.one<ClaimRow>(sql`
    with intent as (
      select id from issuance where tenant = ${tenant} and id = ${claim.issuanceId} and state = 'intended' for share
    ), free as (
      select drawn.idx, row_number() over (order by drawn.nr) as nr
      from intent, (
        select d.draw % l.size as idx, min(d.nr) as nr
        from status_list l, unnest(${claim.draws}::integer[]) with ordinality d (draw, nr)
        where l.tenant = ${tenant} and l.id = ${claim.list} and l.is_open group by 1
      ) drawn
      where (select true from status_index s where s.tenant = ${tenant} and s.list = ${claim.list} and s.idx = drawn.idx) is null
      order by drawn.nr limit ${claim.keyTags.length}
    ), taken as (
      insert into status_index (tenant, list, idx, issuance, key_tag)
      select ${tenant}, ${claim.list}, free.idx, ${claim.issuanceId}, k.tag
      from free join unnest(${claim.keyTags}::bytea[]) with ordinality k (tag, nr) using (nr)
      on conflict (tenant, list, idx) do nothing
      returning idx
    )
    select exists (select from intent) as is_intended,
      coalesce((select jsonb_agg(jsonb_build_object('nr', free.nr, 'idx', taken.idx))
        from taken join free using (idx)), '[]') as places`)

/** False when a sweep was faster: then the copies are revoked and may not be handed over. */
export const markDelivered = async (db: Db, tenant: string, id: string, now: Date): Promise<boolean> =>
  (await db.run(sql`
    with delivered as (
      update issuance set state = 'delivered', delivered_at = ${now}
      where tenant = ${tenant} and id = ${id} and state = 'intended'
      returning id
    )
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select ${tenant}, gen_random_uuid(), ${now}, 'wallet', 'credential.issued', id, 'ok' from delivered`)) === 1

export interface IssuanceRow {
  readonly id: string
  readonly configuration: string
  readonly copies: number
  readonly state: 'intended' | 'delivered' | 'revoked'
  readonly event: string | null
  readonly intended_at: Date
}

/** What was issued on one offer, oldest first. */
export const readIssuances = (db: Db, tenant: string, offer: string): Promise<IssuanceRow[]> =>
  db.many<IssuanceRow>(sql`
    select id, configuration, copies, state, event, intended_at
    from issuance where tenant = ${tenant} and offer = ${offer} order by intended_at, id`)

/** Undefined when the school issued nothing under this id. */
export const readIssuanceState = (db: Tx, tenant: string, id: string): Promise<{ state: string } | undefined> =>
  db.maybe<{ state: string }>(sql`select state from issuance where tenant = ${tenant} and id = ${id}`)

/** Waits for whoever takes places for it at this moment; the next statement sees those places. */
export const lockIssuance = (tx: Tx, tenant: string, id: string): Promise<number> =>
  tx.run(sql`select id from issuance where tenant = ${tenant} and id = ${id} for update`)

/**
 * Revokes one issuance, which the transaction has locked, and counts the change of the lists it stands in. `from` says which states it may be in: a sweep takes
 * only what was never handed over. False when it is in none of them.
 */
export const markRevoked = async (
  tx: Tx,
  tenant: string,
  id: string,
  from: readonly ('intended' | 'delivered')[],
  now: Date,
): Promise<boolean> =>
  (await tx.run(sql`
    with revoked as (
      update issuance set state = 'revoked', revoked_at = ${now}
      where tenant = ${tenant} and id = ${id} and state = any (${from})
      returning id
    ), changed as (
      update status_list l set version = gen_random_uuid()
      where l.tenant = ${tenant}
        and l.id in (select s.list from revoked join status_index s on s.tenant = ${tenant} and s.issuance = revoked.id)
    )
    select id from revoked`)) === 1

/** What was issued about one pupil and not revoked yet. */
export const readLiveIssuancesOf = (tx: Tx, tenant: string, subjectTag: Buffer): Promise<{ id: string }[]> =>
  tx.many<{ id: string }>(sql`
    select id from issuance where tenant = ${tenant} and subject_tag = ${subjectTag} and state <> 'revoked' order by id for update`)

/** Issuances that were intended before `before` and never handed over. */
export const readUndelivered = (db: Db, tenant: string, before: Date): Promise<{ id: string }[]> =>
  db.many<{ id: string }>(sql`
    select id from issuance where tenant = ${tenant} and state = 'intended' and intended_at < ${before} order by id limit 1000`)
