import { hash } from 'node:crypto'
import { Problem, ProtocolError } from '@samen/errors'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

export type Quota = {
  /** What is counted, for instance `token:<tenant>:<code hash>`; stored as a hash. */
  readonly key: string
  /** Uses allowed in one window. */
  readonly limit: number
  readonly windowSeconds: number
  readonly now: Date
  /** How the refusal speaks: as the protocol's errors or as a problem document. */
  readonly errorStyle: 'protocol' | 'problem'
}

/**
 * Counts one use in a fixed window that all processes share. Throws 429 with `Retry-After` when the window is used up;
 * a refused use is not counted.
 */
export async function takeQuota(db: Statements, quota: Quota): Promise<void> {
  const nowSeconds = Math.floor(quota.now.getTime() / 1_000)
  const windowStart = nowSeconds - (nowSeconds % quota.windowSeconds)
  const taken = await db.run(sql`
    insert into quota (key_hash, window_start, used) values (${hash('sha256', quota.key, 'buffer')}, ${windowStart}, 1)
    on conflict (key_hash) do update
      set used = case when quota.window_start = excluded.window_start then quota.used + 1 else 1 end,
        window_start = excluded.window_start
      where quota.window_start <> excluded.window_start or quota.used < ${quota.limit}`)
  if (taken === 1 && quota.limit > 0) return
  const headers = { 'retry-after': String(windowStart + quota.windowSeconds - nowSeconds) }
  if (quota.errorStyle === 'problem') throw new Problem(429, 'too-many-requests', 'Too many requests', { headers })
  throw new ProtocolError(429, 'temporarily_unavailable', 'too many requests', { headers })
}

/** Forgets windows that are over; for a timer. Returns how many. */
export async function purgeQuotas(db: Statements, { before }: { before: Date }): Promise<number> {
  return db.run(sql`delete from quota where window_start < ${Math.floor(before.getTime() / 1_000)}`)
}
