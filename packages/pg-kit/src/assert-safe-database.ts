import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

const MAX_SKEW_MS = 5_000

type Settings = { fsync: string; synchronous_commit: string; full_page_writes: string; mighty: boolean; now: Date }

/**
 * Throws an error with one clear sentence when the server may lose what it acknowledged, when its clock and ours differ
 * by 5 s or more (lifetimes and leases would mean two things), or when the role is above row-level security.
 */
export async function assertSafeDatabase(db: Statements): Promise<void> {
  const before = Date.now()
  const settings = await db.one<Settings>(sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('full_page_writes') as full_page_writes, clock_timestamp() as now,
      (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as mighty`)
  const after = Date.now()
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes'] as const) {
    if (settings[name] === 'off') throw new Error(`the database has ${name} off and may forget what it promised`)
  }
  if (settings.mighty) throw new Error('the database role is above row-level security: use one that is not')
  const databaseTime = settings.now.getTime()
  if (databaseTime < before - MAX_SKEW_MS || databaseTime > after + MAX_SKEW_MS) {
    throw new Error('the clock of the database and the clock of this machine differ by 5 seconds or more')
  }
}
