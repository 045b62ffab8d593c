import { type Statements, sql } from '@samen/pg-kit'

export interface KeyRow {
  readonly id: string
  readonly scopes: string[]
  readonly created_at: Date
}

/** The keys of a school that work, oldest first. */
export const readKeys = (db: Statements, tenant: string): Promise<KeyRow[]> =>
  db.many<KeyRow>(sql`
    select id, scopes, created_at from api_key where tenant = ${tenant} and revoked_at is null order by created_at, id`)

/** The same, and whoever else changes them waits. */
export const lockKeys = (db: Statements, tenant: string): Promise<KeyRow[]> =>
  db.many<KeyRow>(sql`
    select id, scopes, created_at from api_key where tenant = ${tenant} and revoked_at is null order by id for update`)
