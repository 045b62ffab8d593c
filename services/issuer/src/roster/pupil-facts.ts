/** True when the pupil had that age on the day of the import. */
export type AgeFacts = Readonly<Record<'12' | '13' | '16' | '18', boolean>>

/** What the school's administration says about one pupil, as of the last import. */
export interface PupilFacts {
  /** random, of this school only; the input of pseudonyms, never shown to anyone */
  readonly pupilId: string
  readonly givenName: string
  /** with its prefix ("van der Berg") */
  readonly familyName: string
  /** that prefix alone */
  readonly familyNamePrefix?: string
  /** '1'..'8', '11'..'16', 'S' or 'V' */
  readonly yearGroup?: string
  readonly groupLabel?: string
  /** stands for the class at this school, and at no other */
  readonly classRef?: string
  /** `YYYY-MM` */
  readonly enrolmentSince?: string
  /** five digits, or a code of RIO */
  readonly boardId?: string
  /** `2026-2027` */
  readonly schoolYear: string
  /** the last day of that school year, `YYYY-MM-DD` */
  readonly schoolYearEnd: string
  /** absent when the administration gave no birth date */
  readonly ageEqualOrOver?: AgeFacts
}

/** That this person may decide for this pupil. There is no value for "may not": then there are no facts. */
export interface GuardianFacts {
  /** the same for every child of this person at this school, and another one at every other school */
  readonly guardianId: string
  readonly pupilId: string
  readonly authority: 'joint' | 'sole' | 'voogd' | 'institution'
  readonly relation: 'parent' | 'guardian' | 'institution'
  /** how many OTHERS hold authority over this pupil */
  readonly coHolderCount: number
  /** the last day on which this person decides, `YYYY-MM-DD`; never later than the school year, never a birthday */
  readonly decideUntil: string
}
