import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readPupilByTag } from './pupil.sql.ts'
import type { GuardianFacts, PupilFacts } from './pupil-facts.ts'
import { openPupilRecord, type PupilRecord } from './pupil-record.ts'
import { guardianId, pupilTag } from './roster-tags.ts'

export type { GuardianFacts, PupilFacts } from './pupil-facts.ts'

/** `pupilRef` is the sourcedId of the pupil. Undefined when this school has no such pupil. */
export async function readPupilFacts(deps: Deps, school: School, pupilRef: string): Promise<PupilFacts | undefined> {
  const record = await readRecord(deps, school, pupilRef)
  return record?.facts
}

/**
 * `guardianRef` and `pupilRef` are sourcedIds. Undefined when either is unknown, when they are not related, when the
 * administration names no authority, or when the pupil decides alone by now: all alike, so that nobody can ask who is whose parent.
 */
export async function readGuardianFacts(
  deps: Deps,
  school: School,
  guardianRef: string,
  pupilRef: string,
): Promise<GuardianFacts | undefined> {
  const record = await readRecord(deps, school, pupilRef)
  const today = deps.now().toISOString().slice(0, 10)
  return record?.guardians.find(
    (guardian) => guardian.guardianId === guardianId(school, guardianRef) && guardian.decideUntil >= today,
  )
}

async function readRecord(deps: Deps, school: School, pupilRef: string): Promise<PupilRecord | undefined> {
  const row = await readPupilByTag(deps.db.forTenant(school.slug), school.slug, pupilTag(school, pupilRef))
  return row && openPupilRecord(deps.keyring, school.slug, row)
}
