import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readPupilByTag } from './pupil.sql.ts'
import { openPupilRecord, type PupilRecord } from './pupil-record.ts'
import { guardianId, pupilTag } from './roster-tags.ts'

/** What the school's administration says about one pupil, as of the last import. */
export interface PupilFacts {
  /** random, of this school only; the input of pseudonyms, never shown to anyone */
  readonly pupilId: string
  readonly givenName: string
  /** with its prefix ("van der Berg") */
  readonly familyName: string
  /** '1'..'8', '11'..'16', 'S' or 'V' */
  readonly yearGroup: string | undefined
  readonly groupLabel: string | undefined
  /** `YYYY-MM` */
  readonly enrolmentSince: string | undefined
  /** `2026-2027` */
  readonly schoolYear: string
  /** undefined when the administration gave no birth date; true when the pupil had that age on the day of the import */
  readonly ageEqualOrOver: AgeFacts | undefined
}

export type AgeFacts = Readonly<Record<'12' | '13' | '16' | '18', boolean>>

/** That this person may decide for this pupil. There is no value for "may not": then there are no facts. */
export interface GuardianFacts {
  /** the same for every child of this person at this school */
  readonly guardianId: string
  readonly pupilId: string
  readonly authority: 'joint' | 'sole' | 'voogd' | 'institution'
  readonly relation: 'parent' | 'guardian' | 'institution'
  /** how many OTHERS hold authority over this pupil */
  readonly coHolderCount: number
  /** the last day on which this person decides, `YYYY-MM-DD`; never later than the school year, never a birthday */
  readonly decideUntil: string
}

/** `pupilRef` is the sourcedId of the pupil. Undefined when this school has no such pupil. */
export async function readPupilFacts(deps: Deps, school: School, pupilRef: string): Promise<PupilFacts | undefined> {
  const record = await readRecord(deps, school, pupilRef)
  return record && record.facts
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
  return record?.guardians.find((guardian) => guardian.guardianId === guardianId(school, guardianRef))
}

async function readRecord(deps: Deps, school: School, pupilRef: string): Promise<PupilRecord | undefined> {
  const row = await readPupilByTag(deps.db.forTenant(school.slug), pupilTag(school, pupilRef))
  return row && openPupilRecord(deps.keyring, school.slug, row)
}
