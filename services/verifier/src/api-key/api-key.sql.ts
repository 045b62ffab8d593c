import { type Statements, sql } from '@samen/pg-kit'

export interface KeyRow {
  readonly id: string
  readonly created_at: Date
}

/** The keys of an app that work, oldest first. */
export const readKeys = (db: Statements, tenant: string): Promise<KeyRow[]> =>
  db.many<KeyRow>(sql`
    select id, created_at from api_key where tenant = ${tenant} and revoked_at is null order by created_at, id`)
