import type { Deps } from '../deps.ts'
import { readHead } from '../log/log.sql.ts'

/** Whether the database answers, and whether the federation has us as a member. Throws `DatabaseUnavailable` when it does not. */
export async function checkHealth(deps: Pick<Deps, 'db' | 'membership'>): Promise<{ status: 'ok'; member: boolean }> {
  await readHead(deps.db)
  return { status: 'ok', member: deps.membership.current() !== undefined }
}
