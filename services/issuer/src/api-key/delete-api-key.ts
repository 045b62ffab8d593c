import { notFound, Problem } from '@samen/errors'
import { audit, revokeApiKey } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { type Caller, mayEverything } from '../school/authenticate-school.ts'
import { lockKeys } from './api-key.sql.ts'

/**
 * Ends a key at once. The last one with every scope stays: without it nobody could add the next.
 * Throws Problem 404 `not-found`, alike for another school's key and for none, and 409 `last-key`.
 */
export async function deleteApiKey(deps: Deps, { school, keyId }: Caller, id: string): Promise<void> {
  const { slug: tenant } = school
  const now = deps.now()
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    const keys = await lockKeys(tx, tenant)
    if (!keys.some((key) => key.id === id)) throw notFound()
    if (!keys.some((key) => key.id !== id && mayEverything(key)))
      throw new Problem(409, 'last-key', 'No other key may do everything; add one first')
    await revokeApiKey(tx, { tenant, id, now })
    await audit(tx, { tenant, at: now, actor: keyId, action: 'api-key.deleted', object: id, outcome: 'ok' })
    await keepOutside(deps, tenant, id)
  })
}

/** Before the commit, so that no crash comes in between. A full disk may not stop somebody from ending a key that leaked. */
async function keepOutside(deps: Deps, tenant: string, id: string): Promise<void> {
  try {
    await deps.deletedKeys.add(tenant, id)
  } catch (err) {
    deps.log.error({ err, action: 'api-key.deleted' }, 'a deletion could not be kept outside the database')
  }
}
