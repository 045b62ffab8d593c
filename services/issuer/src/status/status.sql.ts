import { type Db, sql, type Tx } from '@samen/pg-kit'

export interface ListRow {
  readonly id: string
  readonly size: number
  readonly is_open: boolean
  /** another after every change */
  readonly version: string
}

/** The lists of a school, oldest first. */
export const readLists = (db: Db, tenant: string): Promise<ListRow[]> =>
  db.many<ListRow>(
    sql`select id, size, is_open, version from status_list where tenant = ${tenant} order by created_at, id`,
  )

/** The places of one list whose copies are revoked. */
export const readRevokedPlaces = (db: Db, tenant: string, list: string): Promise<{ idx: number }[]> =>
  db.many<{ idx: number }>(sql`
    select s.idx from issuance i join status_index s on s.tenant = i.tenant and s.issuance = i.id
    where i.tenant = ${tenant} and i.state = 'revoked' and s.list = ${list}`)

/** The list that takes new copies, made when there is none; two processes that try make one. */
export const openList = (
  db: Db,
  tenant: string,
  list: { id: string; size: number; now: Date },
): Promise<{ id: string } | undefined> =>
  db.maybe<{ id: string }>(sql`
    with made as (
      insert into status_list (tenant, id, size, is_open, created_at)
      select ${tenant}, ${list.id}, ${list.size}, true, ${list.now}
      where not exists (select from status_list where tenant = ${tenant} and is_open)
      on conflict (tenant) where is_open do nothing
      returning id
    )
    select id from made union all select id from status_list where tenant = ${tenant} and is_open limit 1`)

/** Closes a list for new copies once half of its places are taken. Returns whether it did. */
export const closeWhenHalfFull = async (db: Db, tenant: string, id: string): Promise<boolean> =>
  (await db.run(sql`
    update status_list l set is_open = false
    where l.tenant = ${tenant} and l.id = ${id} and l.is_open
      and (select count(*) from status_index s where s.tenant = ${tenant} and s.list = ${id}) * 2 > l.size`)) === 1

/** After the database was set back: places taken since then are not known here, so no list of before gives another one. */
export const closeAllLists = (tx: Tx, tenant: string): Promise<number> =>
  tx.run(sql`
    update status_list set is_open = false, is_fenced = true, version = gen_random_uuid()
    where tenant = ${tenant} and is_open`)

/** Revokes again what was published as revoked: all copies of the issuances that stand at these places. Returns how many. */
export const revokePlaces = (
  tx: Tx,
  tenant: string,
  revoked: { readonly list: string; readonly places: readonly number[]; readonly now: Date },
): Promise<number> =>
  tx.run(sql`
    with again as (
      update issuance i set state = 'revoked', revoked_at = ${revoked.now}
      from status_index s
      where i.tenant = ${tenant} and s.tenant = ${tenant} and s.issuance = i.id and i.state <> 'revoked'
        and s.list = ${revoked.list} and s.idx = any (${revoked.places}::integer[])
      returning i.id
    ), changed as (
      update status_list l set version = gen_random_uuid()
      where l.tenant = ${tenant}
        and l.id in (select s.list from again join status_index s on s.tenant = ${tenant} and s.issuance = again.id)
    )
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select ${tenant}, gen_random_uuid(), ${revoked.now}, 'fence', 'credential.revoked', id, 'ok'
    from (select distinct id from again) a`)

/** Every place of a list that belongs to a copy. */
export const readTakenPlaces = (db: Db, tenant: string, list: string): Promise<{ idx: number }[]> =>
  db.many<{ idx: number }>(sql`select idx from status_index where tenant = ${tenant} and list = ${list}`)

/**
 * The turn to sign a list: no two versions share a second, whichever processes sign, and what is signed later holds at least
 * what was committed before. So it comes before the places are read. Nothing when the list was signed for seconds ahead of
 * `now` already (a flood of changes): then the next look comes.
 */
export const takeSigningTurn = (
  db: Db,
  tenant: string,
  list: { readonly id: string; readonly now: Date; readonly aheadUntil: Date },
): Promise<SigningTurn | undefined> =>
  db.maybe<SigningTurn>(sql`
    update status_list set signed_at = greatest(date_trunc('second', ${list.now}::timestamptz), signed_at + interval '1 second')
    where tenant = ${tenant} and id = ${list.id} and signed_at < ${list.aheadUntil}
    returning signed_at, version, is_fenced`)

export interface SigningTurn {
  /** whole seconds: the `iat` */
  readonly signed_at: Date
  readonly version: string
  readonly is_fenced: boolean
}

/**
 * Counts one look at the database, and says which one it is. The identity holds the cluster, its history (a promoted replica or a
 * recovery to a point in time starts another; the name of the log file knows it from the first moment on, the control file
 * only after a checkpoint), and the table that a restored dump makes anew.
 */
export const noteDatabase = (db: Db, process: string): Promise<{ identity: string; noted: number }> =>
  db.one<{ identity: string; noted: number }>(sql`
    insert into database_mark (process, noted) values (${process}, 1)
    on conflict (process) do update set noted = database_mark.noted + 1
    returning noted, (select concat_ws('/', system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8),
      'status_index'::regclass::oid) from pg_control_system()) as identity`)
