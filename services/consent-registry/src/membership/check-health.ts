import type { Deps } from '../deps.ts'

export type Health = { status: 'ok' | 'log-stopped'; member: boolean }

/**
 * Whether this process can serve: the database answers, the log follows what was seen of it, and whether the federation has us as a member.
 * Throws `DatabaseUnavailable` when it does not answer.
 */
export async function checkHealth(deps: Pick<Deps, 'head' | 'membership'>): Promise<Health> {
  const isIntact = await deps.head.check().then(
    () => true,
    (error: unknown) => {
      if (deps.head.isStopped()) return false
      throw error
    },
  )
  return { status: isIntact ? 'ok' : 'log-stopped', member: deps.membership.current() !== undefined }
}
