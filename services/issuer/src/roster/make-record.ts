import type { School } from '../school/school.ts'
import type { GuardianFacts, PupilFacts } from './pupil-facts.ts'
import type { PupilRecord } from './pupil-record.ts'
import type { RosterPupil } from './read/build-pupils.ts'
import type { Roster } from './read/read-roster.ts'
import { classRef, guardianId } from './roster-tags.ts'

type Year = Pick<Roster, 'schoolYear' | 'schoolYearEnd' | 'boardId'>

/**
 * The record of a pupil as the delivery has it. What the delivery leaves unsaid is taken from `before`, the record that the register
 * has; undefined for a new pupil, and when a human has confirmed that the delivery is complete. Class and age are
 * facts of a school year and do not outlive it.
 */
export function makeRecord(
  school: School,
  year: Year,
  pupil: RosterPupil,
  about: { readonly pupilId: string; readonly before: PupilRecord | undefined },
): PupilRecord {
  const { pupilId, before } = about
  const sameYear = before?.facts.schoolYear === year.schoolYear ? before : undefined
  const classBefore = pupil.unsaid.homeroom ? sameYear?.facts : undefined
  const ageBefore = pupil.unsaid.age ? sameYear : undefined
  const decideUntil = ageBefore?.guardians[0]?.decideUntil ?? pupil.decideUntil
  const classNow = pupil.classId === undefined ? undefined : classRef(school, pupil.classId)
  return {
    facts: known({
      pupilId,
      givenName: pupil.givenName,
      familyName: pupil.familyName,
      familyNamePrefix: pupil.familyNamePrefix,
      yearGroup: pupil.yearGroup ?? classBefore?.yearGroup,
      groupLabel: pupil.groupLabel ?? classBefore?.groupLabel,
      classRef: classNow ?? classBefore?.classRef,
      enrolmentSince: classBefore?.enrolmentSince ?? pupil.enrolmentSince,
      boardId: year.boardId,
      schoolYear: year.schoolYear,
      schoolYearEnd: year.schoolYearEnd,
      ageEqualOrOver: pupil.ageEqualOrOver ?? ageBefore?.facts.ageEqualOrOver,
    }),
    guardians: decideUntil === undefined ? [] : guardiansOf(school, pupil, { pupilId, before, decideUntil }),
  }
}

type Unsure<Facts> = { readonly [Name in keyof Required<Facts>]: Facts[Name] | undefined }

/** What is not known is not there. */
const known = (facts: Unsure<PupilFacts>): PupilFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as unknown as PupilFacts

/** Guardians are known by a keyed id only; when nobody decides for the pupil any more, or nobody can tell, none is kept. */
function guardiansOf(
  school: School,
  pupil: RosterPupil,
  about: { pupilId: string; before: PupilRecord | undefined; decideUntil: string },
): GuardianFacts[] {
  const { pupilId, before, decideUntil } = about
  if (before !== undefined && isHiddenOnly(school, pupil, before))
    return before.guardians.map((guardian) => ({ ...guardian, decideUntil }))
  return pupil.guardians.map(({ sourcedId, authority, relation, coHolderCount }) => ({
    guardianId: guardianId(school, sourcedId),
    pupilId,
    authority,
    relation,
    coHolderCount,
    decideUntil,
  }))
}

/**
 * True when the school still says that the same people hold the same authority, and only a row about one of them is gone. A statement
 * that changed counts at once, also when it cannot be followed: then nobody decides.
 */
function isHiddenOnly(school: School, { unsaid }: RosterPupil, before: PupilRecord): boolean {
  if (unsaid.holders === undefined) return false
  const stated = unsaid.holders.map(({ sourcedId, authority }) => `${guardianId(school, sourcedId)} ${authority}`)
  const held = before.guardians.map((guardian) => `${guardian.guardianId} ${guardian.authority}`)
  return stated.sort().join() === held.sort().join()
}
