import { Problem } from '@samen/errors'
import { audit } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { bumpDirectory, markExpelled } from './member.sql.ts'

/** Ends a membership: from now on no statement, mark or certificate is handed out. Throws Problem 404 `not-found`. */
export async function expelMember(deps: Deps, entityId: string): Promise<void> {
  const now = deps.now()
  await deps.db.transaction(async (tx) => {
    if (!(await markExpelled(tx, entityId, now))) throw new Problem(404, 'not-found', 'There is no such member')
    await bumpDirectory(tx)
    await audit(tx, {
      tenant: '-',
      at: now,
      actor: 'operator',
      action: 'member.expelled',
      object: entityId,
      outcome: 'ok',
    })
  })
  await deps.members.reload()
}
