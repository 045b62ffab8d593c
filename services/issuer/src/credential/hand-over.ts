import { setTimeout as pause } from 'node:timers/promises'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { markDelivered } from './credential.sql.ts'
import { revokeIssuance } from './revoke-credential.ts'

/** From the intent to the moment at which copies may still leave. Together with the pauses below less than a sweep waits. */
export const HAND_OVER_WITHIN_MS = 2_000
const PAUSES_MS = [250, 500, 1_000, 1_000, 2_000]

/**
 * Remembers that copies have left, in the same breath: the database gets to know it also when this process dies in the next
 * moment. When the database is away it is told again for some seconds; after that a sweep revokes the copies, because nobody
 * can be sure any more. Never throws; the log says what went wrong.
 */
export async function handOver(deps: Deps, school: School, id: string): Promise<void> {
  for (const pauseMs of [...PAUSES_MS, 0]) {
    try {
      const isMarked = await markDelivered(deps.db.forTenant(school.slug), school.slug, id, deps.now())
      if (!isMarked) deps.log.warn({ action: 'credential.issued', outcome: 'late' }, 'copies were revoked on their way')
      return
    } catch (err) {
      if (pauseMs === 0) deps.log.error({ err, action: 'credential.issued' }, 'copies left and are not marked')
      await pause(pauseMs)
    }
  }
}

/** Revokes copies whose answer broke off on its way. Never throws: what is not marked as delivered, a sweep revokes. */
export async function takeBack(deps: Deps, school: School, id: string): Promise<void> {
  try {
    const db = deps.db.forTenant(school.slug)
    await db.transaction((tx) => revokeIssuance(deps, tx, school, id, 'delivery'))
  } catch (err) {
    deps.log.error({ err, action: 'credential.revoked' }, 'lost copies are left to the sweep')
  }
}
