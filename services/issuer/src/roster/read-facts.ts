import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readPupilByTag } from './pupil.sql.ts'
import type { GuardianFacts } from './pupil-facts.ts'
import { openPupilRecord, type PupilRecord } from './pupil-record.ts'
import { guardianId, pupilTag } from './roster-tags.ts'

export type { GuardianFacts, PupilFacts } from './pupil-facts.ts'

/** A pupil as the register has it now, and the very row that was read: whoever writes on its ground says which one it was. */
export type ReadPupil = PupilRecord & { readonly sealed: Buffer }

/** `pupilRef` is the sourcedId of the pupil. Undefined when this school has no such pupil. */
export async function readPupil(deps: Deps, school: School, pupilRef: string): Promise<ReadPupil | undefined> {
  const row = await readPupilByTag(deps.db.forTenant(school.slug), school.slug, pupilTag(school, pupilRef))
  return row && { ...openPupilRecord(deps.keyring, school.slug, row), sealed: row.sealed }
}

/**
 * `guardianRef` is a sourcedId. Undefined when there is no such pupil, when the two are not related, when the administration names no
 * authority, or when the pupil decides alone by now: all alike, so that nobody can ask who is whose parent.
 */
export function guardianOf(
  deps: Pick<Deps, 'now'>,
  school: School,
  pupil: PupilRecord | undefined,
  guardianRef: string,
): GuardianFacts | undefined {
  const today = deps.now().toISOString().slice(0, 10)
  const id = guardianId(school, guardianRef)
  return pupil?.guardians.find((guardian) => guardian.guardianId === id && guardian.decideUntil >= today)
}
