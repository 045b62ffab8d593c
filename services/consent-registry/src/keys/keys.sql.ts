import { type Statements, sql } from '@samen/pg-kit'

export type SealedKey = { name: string; sealed: Buffer }

/** All keys of this node, under their names. */
export const readSealedKeys = (db: Statements) => db.many<SealedKey>(sql`select name, sealed from node_key`)

/** The first process to store a key wins; the others read it back. */
export const storeSealedKey = (db: Statements, key: SealedKey, at: Date) =>
  db.run(sql`insert into node_key (name, sealed, created_at) values (${key.name}, ${key.sealed}, ${at})
    on conflict (name) do nothing`)
