import { type Db, sql } from '@samen/pg-kit'

/** Resolves when the database answers. */
export const readOne = async (db: Db): Promise<void> => {
  await db.one(sql`select 1 as one`)
}
