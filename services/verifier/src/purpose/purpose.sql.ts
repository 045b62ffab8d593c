import type { Purpose } from '@samen/consent'
import { json, type Statements, sql } from '@samen/pg-kit'

export interface PurposeRow {
  readonly document: Purpose
  readonly state: 'pending' | 'registered' | 'rejected'
}

/** Zero rows when somebody else has just made this version. */
export const insertPurpose = (
  db: Statements,
  purpose: { tenant: string; document: Purpose; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into purpose (tenant, id, version, document, state, created_at)
    values (${purpose.tenant}, ${purpose.document.id}, ${purpose.document.version}, ${json(purpose.document)}, 'pending', ${purpose.at})
    on conflict (tenant, id, version) do nothing`)

/** One version of a purpose, the newest when none is named. */
export const readPurposeVersion = (
  db: Statements,
  purpose: { tenant: string; id: string; version: number | undefined },
): Promise<PurposeRow | undefined> =>
  db.maybe<PurposeRow>(sql`
    select document, state from purpose
    where tenant = ${purpose.tenant} and id = ${purpose.id}
      and (${purpose.version ?? null}::integer is null or version = ${purpose.version ?? null}::integer)
    order by version desc limit 1`)

/** The answer of the registry; it counts once. */
export const markPurpose = (
  db: Statements,
  purpose: { tenant: string; id: string; version: number; state: 'registered' | 'rejected' },
): Promise<number> =>
  db.run(sql`
    update purpose set state = ${purpose.state}
    where tenant = ${purpose.tenant} and id = ${purpose.id} and version = ${purpose.version} and state = 'pending'`)
