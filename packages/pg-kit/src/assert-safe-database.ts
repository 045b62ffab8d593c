import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

const MAX_SKEW_MS = 5_000

export type Settings = {
  readonly fsync: string
  readonly synchronous_commit: string
  readonly full_page_writes: string
  /** Whether the role is above row-level security. */
  readonly mighty: boolean
  readonly now: Date
}

/** Reads the settings of the server and refuses unsafe ones, as `assertSafeSettings` does. */
export async function assertSafeDatabase(db: Statements): Promise<void> {
  const before = Date.now()
  const settings = await db.one<Settings>(sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('full_page_writes') as full_page_writes, clock_timestamp() as now,
      (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as mighty`)
  assertSafeSettings(settings, { before, after: Date.now() })
}

/**
 * Throws an error with one clear sentence when the server may lose what it acknowledged, when its clock and ours differ
 * by 5 s or more (lifetimes and leases would mean two things), or when the role is above row-level security. `asked` is
 * our own clock before and after the question, in milliseconds since 1970.
 */
export function assertSafeSettings(settings: Settings, asked: { before: number; after: number }): void {
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes'] as const) {
    if (settings[name] === 'off') throw new Error(`the database has ${name} off and may forget what it promised`)
  }
  if (settings.mighty) throw new Error('the database role is above row-level security: use one that is not')
  const databaseTime = settings.now.getTime()
  if (databaseTime <= asked.before - MAX_SKEW_MS || databaseTime >= asked.after + MAX_SKEW_MS) {
    throw new Error('the clock of the database and the clock of this machine differ by 5 seconds or more')
  }
}
