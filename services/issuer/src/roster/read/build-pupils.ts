import type { AgeFacts } from '../pupil-facts.ts'
import type { Guardian, GuardiansFound } from './find-guardians.ts'
import type { Holder } from './parental-authority.ts'
import type { AgeAnswers } from './read-demographics.ts'
import type { Enrolment } from './read-enrollments.ts'
import type { PupilRow } from './read-users.ts'
import { readYearGroup } from './year-group.ts'

/** One pupil as read, before the ids of the administration are replaced by tags. */
export interface RosterPupil {
  readonly sourcedId: string
  readonly givenName: string
  readonly familyName: string
  readonly familyNamePrefix: string | undefined
  readonly yearGroup: string | undefined
  readonly groupLabel: string | undefined
  /** sourcedId of that class */
  readonly classId: string | undefined
  /** `YYYY-MM` */
  readonly enrolmentSince: string | undefined
  readonly ageEqualOrOver: AgeFacts | undefined
  readonly decideUntil: string | undefined
  readonly guardians: readonly Guardian[]
  readonly unsaid: Unsaid
}

/**
 * What a complete delivery says about a pupil and this one does not. A row that is not there is no statement: a file that was
 * cut off looks the same, so what is known already about the pupil stays.
 */
export interface Unsaid {
  /** who holds authority according to the pupil's row, when not all of them are in the delivery */
  readonly holders: readonly Holder[] | undefined
  /** there is no usable enrolment in any class */
  readonly enrolment: boolean
  /** there is none in a homeroom, and none that ended */
  readonly homeroom: boolean
  /** there is a file of birth dates without a usable row */
  readonly age: boolean
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
  about: {
    readonly came: string
    readonly enrolment: Enrolment | undefined
    readonly hasMoved: boolean
    readonly age: AgeAnswers
    readonly isAgeMissing: boolean
    readonly authority: GuardiansFound
  },
): RosterPupil {
  const homeroom = about.enrolment?.homeroom
  const since = about.came || (about.enrolment?.since ?? '')
  const yearOfClass = readYearGroup(homeroom?.grades ?? '')
  return {
    sourcedId: row.sourcedId,
    givenName: row.givenName,
    familyName: row.familyName,
    familyNamePrefix: row.familyNamePrefix || undefined,
    yearGroup: row.yearGroup ?? (yearOfClass === 'unreadable' ? undefined : yearOfClass),
    groupLabel: homeroom?.title,
    classId: homeroom?.sourcedId,
    enrolmentSince: since === '' ? undefined : since.slice(0, 7),
    ageEqualOrOver: about.age.ages,
    decideUntil: about.age.decideUntil,
    guardians: about.authority.guardians,
    unsaid: {
      holders: about.authority.absent,
      enrolment: about.enrolment === undefined && !about.hasMoved,
      homeroom: homeroom === undefined && !about.hasMoved,
      age: about.isAgeMissing,
    },
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
