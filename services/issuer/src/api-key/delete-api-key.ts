import { notFound, Problem } from '@samen/errors'
import { audit, revokeApiKey } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { mayEverything } from '../school/authenticate-school.ts'
import type { School } from '../school/school.ts'
import { lockKeys } from './api-key.sql.ts'

/**
 * Ends a key at once. The last one with every scope stays: without it nobody could add the next.
 * Throws Problem 404 `not-found`, alike for another school's key and for none, and 409 `last-key`.
 */
export async function deleteApiKey(deps: Deps, { slug: tenant }: School, id: string): Promise<void> {
  const now = deps.now()
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    const keys = await lockKeys(tx, tenant)
    if (!keys.some((key) => key.id === id)) throw notFound()
    if (!keys.some((key) => key.id !== id && mayEverything(key)))
      throw new Problem(409, 'last-key', 'No other key may do everything; add one first')
    await revokeApiKey(tx, { tenant, id, now })
    await audit(tx, { tenant, at: now, actor: 'school', action: 'api-key.deleted', object: id, outcome: 'ok' })
  })
}
