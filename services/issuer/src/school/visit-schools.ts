import type { Deps } from '../deps.ts'

/**
 * Calls `visit` with the name of every school, one after the other; for timers and for the start. What fails at one school
 * is logged under the name of the task and keeps no other school waiting. Returns at how many schools it failed.
 */
export async function visitSchools(
  deps: Pick<Deps, 'schools' | 'log'>,
  task: string,
  visit: (slug: string) => Promise<void>,
): Promise<number> {
  let failed = 0
  for (const slug of await deps.schools.slugs()) {
    try {
      await visit(slug)
    } catch (err) {
      failed += 1
      deps.log.error({ err, task, code: slug }, 'a task failed at one school')
    }
  }
  return failed
}
