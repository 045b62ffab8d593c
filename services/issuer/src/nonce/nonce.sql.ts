import { type Db, sql } from '@samen/pg-kit'

// A nonce is spent in the statement that records what it was spent on (credential.sql.ts).

/** Nonces that expired before `before`. */
export const forgetOldNonces = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from spent_nonce where tenant = ${tenant} and expires_at < ${before}`)
