import type { Tx } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { insertDuty } from './deletion.sql.ts'

/** Gives the app the duty to delete what it holds under a consent. Returns its id, or undefined when it has that duty already. */
export async function addDuty(
  deps: Deps,
  tx: Tx,
  app: AppTenant,
  duty: { handle: string; deleteBy: string },
): Promise<string | undefined> {
  const id = deps.random(16).toString('base64url')
  return (await insertDuty(tx, { ...duty, tenant: app.slug, id, at: deps.now() })) ? id : undefined
}
