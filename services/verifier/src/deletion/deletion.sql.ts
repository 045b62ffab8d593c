import { type Statements, sql } from '@samen/pg-kit'

export interface DutyRow {
  readonly id: string
  readonly handle: string
  readonly delete_by: string
  readonly created_at: Date
  readonly confirmed_at: Date | null
}

/** False when the consent has its duty: it is told once. */
export const insertDuty = async (
  db: Statements,
  duty: { tenant: string; id: string; handle: string; deleteBy: string; at: Date },
): Promise<boolean> =>
  (await db.run(sql`
    insert into deletion_duty (tenant, id, handle, delete_by, created_at)
    values (${duty.tenant}, ${duty.id}, ${duty.handle}, ${duty.deleteBy}, ${duty.at})
    on conflict (tenant, handle) do nothing`)) === 1

/** A page of duties, oldest first, after the one that a cursor names. */
export const readDuties = (
  db: Statements,
  page: { tenant: string; after: { at: Date; id: string }; limit: number },
): Promise<DutyRow[]> =>
  db.many<DutyRow>(sql`
    select id, handle, delete_by, created_at, confirmed_at from deletion_duty
    where tenant = ${page.tenant} and (created_at, id) > (${page.after.at}, ${page.after.id})
    order by created_at, id limit ${page.limit}`)

/** The duty, confirmed by this call, or undefined when it was confirmed before or is not this app's. */
export const confirmDuty = (
  db: Statements,
  { tenant, id, at }: { tenant: string; id: string; at: Date },
): Promise<DutyRow | undefined> =>
  db.maybe<DutyRow>(sql`
    update deletion_duty set confirmed_at = ${at}
    where tenant = ${tenant} and id = ${id} and confirmed_at is null
    returning id, handle, delete_by, created_at, confirmed_at`)

/** One duty to delete; undefined when the app has none of that id. */
export const readDuty = (db: Statements, tenant: string, id: string): Promise<DutyRow | undefined> =>
  db.maybe<DutyRow>(sql`
    select id, handle, delete_by, created_at, confirmed_at from deletion_duty where tenant = ${tenant} and id = ${id}`)
