import { type Db, sql, type Tx } from '@samen/pg-kit'
import type { HolidayRegion, Sector } from './school.ts'

export interface SchoolRow {
  readonly name: string
  readonly brin: string
  readonly sector: Sector
  readonly holiday_region: HolidayRegion | null
  readonly trust_marks: string[] | null
  readonly x5c: string[] | null
}

/** One school of the tenant that is set, with what the anchor granted it. */
export const readSchool = (db: Db, tenant: string): Promise<SchoolRow | undefined> =>
  db.maybe<SchoolRow>(sql`
    select s.name, s.brin, s.sector, s.holiday_region, m.trust_marks, m.x5c
    from school s left join school_membership m on m.tenant = s.tenant
    where s.tenant = ${tenant}`)

export type KeyPurpose = 'federation' | 'credential' | 'pseudonym' | 'roster'

/** The sealed keys of the tenant. */
export const readSchoolKeys = (db: Db, tenant: string): Promise<{ purpose: KeyPurpose; sealed: Buffer }[]> =>
  db.many(sql`select purpose, sealed from school_key where tenant = ${tenant}`)

/** The names of all schools of this node. */
export const listSchools = async (db: Db): Promise<string[]> =>
  (await db.many<{ slug: string }>(sql`select slug from node_school order by slug`)).map(({ slug }) => slug)

/** False when a school of this node has the name already. */
export const insertNodeSchool = async (tx: Tx, slug: string): Promise<boolean> =>
  (await tx.run(sql`insert into node_school (slug) values (${slug}) on conflict do nothing`)) === 1

/** False when a school of this node has the BRIN already. */
export const insertSchool = async (
  tx: Tx,
  school: { slug: string; name: string; brin: string; sector: Sector; holidayRegion: HolidayRegion | undefined },
  now: Date,
): Promise<boolean> =>
  (await tx.run(sql`
    insert into school (tenant, name, brin, sector, holiday_region, created_at)
    values (${school.slug}, ${school.name}, ${school.brin}, ${school.sector}, ${school.holidayRegion ?? null}, ${now})
    on conflict (brin) do nothing`)) === 1

/** A sealed key for one purpose; a school has one of each. */
export const insertSchoolKey = (
  tx: Tx,
  key: { tenant: string; purpose: KeyPurpose; sealed: Buffer; now: Date },
): Promise<number> =>
  tx.run(sql`
    insert into school_key (tenant, purpose, sealed, created_at)
    values (${key.tenant}, ${key.purpose}, ${key.sealed}, ${key.now})`)
