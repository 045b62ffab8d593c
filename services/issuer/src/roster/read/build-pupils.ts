import type { AgeFacts } from '../pupil-facts.ts'
import type { Guardian } from './find-guardians.ts'
import type { AgeAnswers } from './read-demographics.ts'
import type { Enrolment } from './read-enrollments.ts'
import type { PupilRow } from './read-users.ts'
import { readYearGroup } from './year-group.ts'

/** One pupil as read, before the ids of the administration are replaced by tags. */
export interface RosterPupil {
  readonly sourcedId: string
  readonly givenName: string
  readonly familyName: string
  readonly yearGroup: string | undefined
  readonly groupLabel: string | undefined
  /** `YYYY-MM` */
  readonly enrolmentSince: string | undefined
  readonly ageEqualOrOver: AgeFacts | undefined
  readonly decideUntil: string | undefined
  readonly guardians: readonly Guardian[]
}

/** How much of a delivery was used; the numbers of the report. */
export interface AcceptedRows {
  readonly pupils: number
  /** people with authority over at least one of these pupils */
  readonly guardians: number
  /** pairs of such a person and a pupil */
  readonly guardianships: number
  readonly enrolments: number
  readonly classes: number
  /** pupils of whom the administration does not say who holds authority */
  readonly without_authority: number
}

/** Joins what the files say about one pupil. `came` is the first day at the school by roles.csv, or ''. */
export function joinPupil(
  row: PupilRow,
  about: { came: string; enrolment: Enrolment | undefined; age: AgeAnswers; guardians: readonly Guardian[] },
): RosterPupil {
  const homeroom = about.enrolment?.homeroom
  const since = about.came || (about.enrolment?.since ?? '')
  const yearOfClass = readYearGroup(homeroom?.grades ?? '')
  return {
    sourcedId: row.sourcedId,
    givenName: row.givenName,
    familyName: row.familyName,
    yearGroup: row.yearGroup ?? (yearOfClass === 'unreadable' ? undefined : yearOfClass),
    groupLabel: homeroom?.title,
    enrolmentSince: since === '' ? undefined : since.slice(0, 7),
    ageEqualOrOver: about.age.ages,
    decideUntil: about.age.decideUntil,
    guardians: about.guardians,
  }
}

/** The numbers about people in the report. */
export function countPupils(pupils: readonly RosterPupil[]): Omit<AcceptedRows, 'enrolments' | 'classes'> {
  const holders = pupils.flatMap((pupil) => pupil.guardians.map((guardian) => guardian.sourcedId))
  return {
    pupils: pupils.length,
    guardians: new Set(holders).size,
    guardianships: holders.length,
    without_authority: pupils.filter((pupil) => pupil.guardians.length === 0).length,
  }
}
