import type { Deletion, Purpose } from '@samen/consent'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { type OpenMessageRow, readOpenMessages } from './outgoing.sql.ts'

const MOST_SHOWN = 100

/** What the registry has not taken of an app's messages, newest first: still on its way, refused, or given up. */
export async function listMessages(deps: Deps, app: AppTenant) {
  const rows = await readOpenMessages(deps.db.forTenant(app.slug), app.slug, MOST_SHOWN)
  return { messages: rows.map(describe) }
}

function describe({ id, body, state, created_at: at }: OpenMessageRow) {
  const { purpose, deletion } = body as { purpose?: Purpose; deletion?: Deletion }
  return {
    id,
    state,
    created_at: at.toISOString(),
    ...(purpose !== undefined && { purpose: purpose.id, version: purpose.version }),
    ...(deletion !== undefined && { consent: deletion.handle }),
  }
}
