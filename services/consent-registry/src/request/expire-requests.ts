import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { markExpired, readEnded } from './request.sql.ts'

const MOST_PER_RUN = 500

/** Records the end of requests whose time is over: unanswered ones and consents past their last day. Silence ends in nothing else. */
export async function expireRequests(deps: Pick<Deps, 'db' | 'now' | 'keyring' | 'random'>): Promise<void> {
  for (const { handle, recorded } of await readEnded(deps.db, deps.now(), MOST_PER_RUN)) {
    await deps.db.transaction(async (tx) => {
      if (!(await markExpired(tx, handle, recorded))) return
      const type = recorded === 'requested' ? 'request-expired' : 'consent-expired'
      await appendEvent(deps, tx, { handle, event: { type } })
    })
  }
}
