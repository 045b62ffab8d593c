import type { Deps } from '../../src/deps.ts'
import { guardianOf, readPupil } from '../../src/roster/read-facts.ts'
import type { School } from '../../src/school/school.ts'

/** What the register says about a pupil, by its sourcedId. */
export async function readPupilFacts(deps: Deps, school: School, pupil: string) {
  return (await readPupil(deps, school, pupil))?.facts
}

/** The authority that a guardian has over a pupil today; both by their sourcedIds. */
export async function readGuardianFacts(deps: Deps, school: School, guardian: string, pupil: string) {
  return guardianOf(deps, school, await readPupil(deps, school, pupil), guardian)
}
