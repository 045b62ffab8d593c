import type { Deps } from '../deps.ts'
import { appendEvent } from '../log/append-event.ts'
import { markOverdue, readOverdue } from './deletion.sql.ts'

const MOST_PER_RUN = 500

/** Records, for family and school to see, that an app has not confirmed a deletion by its last day. */
export async function markOverdueDeletions(deps: Pick<Deps, 'db' | 'now' | 'keyring' | 'random'>): Promise<void> {
  const at = deps.now()
  for (const { handle } of await readOverdue(deps.db, at.toISOString().slice(0, 10), MOST_PER_RUN)) {
    await deps.db.transaction(async (tx) => {
      if (await markOverdue(tx, handle, at))
        await appendEvent(deps, tx, { handle, event: { type: 'deletion-overdue' } })
    })
  }
}
