import { DELETION_DAYS } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { markEnded, readEnded } from './request.sql.ts'

const MOST_PER_RUN = 500

/**
 * Records the end of requests whose time is over: unanswered ones and consents past their last day. Silence ends in nothing else. A
 * refused one gets the same last entry at the same moment: everybody reads the log, the app too, and it must not tell them apart.
 */
export async function expireRequests(deps: Pick<Deps, 'db' | 'now' | 'keyring' | 'random'>): Promise<void> {
  const at = deps.now()
  for (const { handle, recorded } of await readEnded(deps.db, at, MOST_PER_RUN)) {
    await deps.db.transaction(async (tx) => {
      if (!(await markEnded(tx, { handle, recorded, at, deletionDays: DELETION_DAYS }))) return
      const type = recorded === 'given' ? 'consent-expired' : 'request-expired'
      await appendEvent(deps, tx, { handle, event: { type } })
    })
  }
}
