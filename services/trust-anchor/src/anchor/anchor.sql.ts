import { type Db, sql } from '@samen/pg-kit'

/** Undefined before the first start has made them. */
export const readAnchorKeys = async (db: Db): Promise<Buffer | undefined> =>
  (await db.maybe<{ sealed: Buffer }>(sql`select sealed from anchor_keys`))?.sealed

/** Keeps the first keys ever made; returns those that are kept, which are another's when two processes started at once. */
export const keepAnchorKeys = async (db: Db, sealed: Buffer): Promise<Buffer> =>
  (
    await db.one<{ sealed: Buffer }>(
      sql`insert into anchor_keys (sealed) values (${sealed}) on conflict (only_row) do update set sealed = anchor_keys.sealed returning sealed`,
    )
  ).sealed
