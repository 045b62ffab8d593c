import { audit, revokeApiKey, type Tx } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { mayEverything } from '../school/authenticate-school.ts'
import { type KeyRow, lockKeys } from './api-key.sql.ts'

/**
 * Ends again, in a database that was set back, the keys of a school that were deleted. The youngest that may do everything stays when
 * no other does: the key that took its place may be younger than the database, and nobody could make the school another.
 */
export async function endDeletedKeys(deps: Deps, tx: Tx, tenant: string): Promise<void> {
  const deleted = await deps.deletedKeys.read(tenant)
  const keys = await lockKeys(tx, tenant)
  const spared = keys.some((key) => !deleted.has(key.id) && mayEverything(key)) ? undefined : youngest(keys)
  const now = deps.now()
  for (const { id } of keys) {
    if (!deleted.has(id) || id === spared?.id) continue
    await revokeApiKey(tx, { tenant, id, now })
    await audit(tx, { tenant, at: now, actor: 'fence', action: 'api-key.deleted', object: id, outcome: 'ok' })
  }
}

function youngest(keys: readonly KeyRow[]): KeyRow | undefined {
  const full = keys.filter(mayEverything)
  return full.sort((one, other) => other.created_at.getTime() - one.created_at.getTime())[0]
}
