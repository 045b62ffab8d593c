import { type Statements, sql } from '@samen/pg-kit'

export type OpenNotice = { handle: string; app: string; delete_by: string }

/** What a withdrawal has to tell the app; undefined once that is done. */
export const readOpenNotice = (db: Statements, handle: string) =>
  db.maybe<OpenNotice>(sql`
    select handle, app, delete_by from consent_request where handle = ${handle} and state = 'withdrawn' and notified_at is null`)

/** The app has the notice. */
export const markNotified = (db: Statements, handle: string, at: Date) =>
  db.run(sql`update consent_request set notified_at = ${at} where handle = ${handle} and notified_at is null`)
