import { type Db, sql, type Tx } from '@samen/pg-kit'

export interface ListRow {
  readonly id: string
  readonly size: number
  readonly is_open: boolean
  readonly version: number
}

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
  tx.run(sql`update status_list set is_open = false where tenant = ${tenant} and is_open`)

/**
 * Which database answers and how far its log is on disk. The identity holds the cluster, its history (a promoted replica or
 * a recovery to a point in time starts another), and the table that a restored dump makes anew.
 */
export const readDatabaseMark = (db: Db): Promise<{ identity: string; written: number }> =>
  db.one<{ identity: string; written: number }>(sql`
    select concat_ws('/', s.system_identifier, c.timeline_id, 'status_index'::regclass::oid) as identity,
      (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint as written
    from pg_control_system() s, pg_control_checkpoint() c`)
