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
 * a refused use is not counted. A process whose clock is behind counts in the window that another has opened: a window that
 * came back would give everybody its uses anew at each edge.
 */
export async function takeQuota(db: Statements, quota: Quota): Promise<void> {
  await takeQuotas(db, [quota])
}

/** Counts one use against several quotas in one statement; the first that is used up is told. Throws as `takeQuota`. */
export async function takeQuotas(db: Statements, quotas: readonly Quota[]): Promise<void> {
  const counted = quotas.map((quota) => ({ quota, keyHash: hash('sha256', quota.key, 'buffer'), ...windowOf(quota) }))
  const taken = await db.many<{ key_hash: Buffer }>(sql`
    with wanted as (
      select * from unnest(${counted.map(({ keyHash }) => keyHash)}::bytea[], ${counted.map(({ start }) => start)}::bigint[],
        ${quotas.map(({ limit }) => limit)}::integer[]) as w (key_hash, window_start, most))
    insert into quota (key_hash, window_start, used) select key_hash, window_start, 1 from wanted where most > 0 order by key_hash
    on conflict (key_hash) do update
      set used = case when quota.window_start < excluded.window_start then 1 else quota.used + 1 end,
        window_start = greatest(quota.window_start, excluded.window_start)
      where quota.window_start < excluded.window_start
        or quota.used < (select most from wanted where wanted.key_hash = quota.key_hash)
    returning key_hash`)
  const full = counted.find(({ keyHash }) => !taken.some((row) => row.key_hash.equals(keyHash)))
  if (full !== undefined) throw usedUp(full.quota, full.opensIn)
}

function windowOf({ now, windowSeconds }: Quota): { start: number; opensIn: number } {
  const nowSeconds = Math.floor(now.getTime() / 1_000)
  const start = nowSeconds - (nowSeconds % windowSeconds)
  return { start, opensIn: start + windowSeconds - nowSeconds }
}

function usedUp({ errorStyle }: Quota, opensInSeconds: number): Problem | ProtocolError {
  const headers = { 'retry-after': String(opensInSeconds) }
  if (errorStyle === 'problem') return new Problem(429, 'too-many-requests', 'Too many requests', { headers })
  return new ProtocolError(429, 'temporarily_unavailable', 'too many requests', { headers })
}

/** Forgets windows that are over; for a timer. Returns how many. */
export async function purgeQuotas(db: Statements, { before }: { before: Date }): Promise<number> {
  return db.run(sql`delete from quota where window_start < ${Math.floor(before.getTime() / 1_000)}`)
}
