import { type Db, sql } from '@samen/pg-kit'

/** A list in which a copy has expired takes no more: with the next school year a new one begins, and this one can end. */
export const closeListsOfThePast = (db: Db, tenant: string, now: Date): Promise<number> =>
  db.run(sql`
    update status_list l set is_open = false
    where l.tenant = ${tenant} and l.is_open and exists (
      select from status_index s join issuance i on i.tenant = s.tenant and i.id = s.issuance
      where s.tenant = ${tenant} and s.list = l.id and i.expires_at <= ${now})`)

/** Lists all of whose copies expired before `before`. From then on nobody can fetch them, and no place in them is given again. */
export const forgetLists = async (db: Db, tenant: string, before: Date): Promise<string[]> => {
  const lists = await db.many<{ id: string }>(sql`
    delete from status_list l
    where l.tenant = ${tenant} and not l.is_open and not exists (
      select from status_index s join issuance i on i.tenant = s.tenant and i.id = s.issuance
      where s.tenant = ${tenant} and s.list = l.id and i.expires_at >= ${before})
    returning l.id`)
  return lists.map(({ id }) => id)
}

/** Places in lists that are gone; the database gives up no others. */
export const forgetPlaces = (db: Db, tenant: string): Promise<number> =>
  db.run(sql`
    delete from status_index s where s.tenant = ${tenant}
      and not exists (select from status_list l where l.tenant = ${tenant} and l.id = s.list)`)

/** What was issued and expired before `before`, unless one of its copies stands in a list that is still published. */
export const forgetIssuances = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`
    delete from issuance i where i.tenant = ${tenant} and i.expires_at < ${before}
      and not exists (select from status_index s where s.tenant = ${tenant} and s.issuance = i.id)`)

/** Offers of credentials that expired before `before`, with the names of staff who saw a document, after what came of them. */
export const forgetOffers = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`
    delete from offer o where o.tenant = ${tenant} and o.credentials_expire_at < ${before}
      and not exists (select from issuance i where i.tenant = ${tenant} and i.offer = o.id)`)

/** Reports about deliveries that came before `before`. */
export const forgetImports = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from roster_import where tenant = ${tenant} and received_at < ${before}`)

/** Events before `before`; the database gives up none that is younger than three years. */
export const forgetEvents = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from audit_event where tenant = ${tenant} and at < ${before}`)
