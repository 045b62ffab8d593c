import { type Statements, sql } from '@samen/pg-kit'

/** `revoked` counts the places that are revoked; it only ever grows. */
export type ListRow = { id: string; size: number; closed: boolean; claimed: number; revoked: number }

/** The lists to be signed: those that are open, and those that are closed and in which a consent lives. */
export const readLists = (db: Statements) =>
  db.many<ListRow>(sql`
    select id, size, closed_at is not null as closed, revoked,
      case when closed_at is null then (select count(*) from consent_index where list = consent_list.id) else size end as claimed
    from consent_list
    where closed_at is null or exists (select from consent_index i where i.list = consent_list.id and not i.revoked)
    order by created_at, id`)

/** The places of each of these lists that are revoked; lists without any are not named. */
export const readRevoked = (db: Statements, lists: readonly string[]) =>
  db.many<{ list: string; indices: number[] }>(sql`
    select list, array_agg(idx) as indices from consent_index
    where list = any(${lists}::text[]) and revoked group by list`)

/** A list is only added while none is open. Two processes at the very same moment may add two; the older one is used first. */
export const insertList = (db: Statements, list: { id: string; size: number }, at: Date) =>
  db.run(sql`
    insert into consent_list (id, size, created_at)
      select ${list.id}, ${list.size}, ${at}
      where not exists (select from consent_list where closed_at is null)`)

/** No new consent gets a place in it. */
export const closeList = (db: Statements, id: string, at: Date) =>
  db.run(sql`update consent_list set closed_at = ${at} where id = ${id} and closed_at is null`)
