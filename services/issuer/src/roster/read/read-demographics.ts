import type { Sector } from '../../school/school.ts'
import type { AgeFacts } from '../pupil-facts.ts'
import { ageFacts, guardiansDecideUntil, isBirthDate } from './age-facts.ts'
import { DEMOGRAPHICS } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { readCsvFile } from './read-csv-file.ts'
import type { Roles } from './read-roles.ts'
import type { Users } from './read-users.ts'
import type { Rejections, RowReason } from './row-rejections.ts'

/** What is left of a birth date. */
export interface AgeAnswers {
  readonly ages: AgeFacts | undefined
  /** undefined when guardians do not decide for this pupil, or when nobody can tell */
  readonly decideUntil: string | undefined
}

/** The answers about a pupil. An empty `birthDate`: the administration has none. */
export function ageAnswers(birthDate: string, schoolYearEnd: string, today: string, sector: Sector): AgeAnswers {
  const known = birthDate === '' ? undefined : birthDate
  return {
    ages: known === undefined ? undefined : ageFacts(known, today),
    decideUntil: guardiansDecideUntil(known, schoolYearEnd, today, sector),
  }
}

export interface Demographics {
  /** by pupil; also for an empty birth date, which says that the administration has none */
  readonly answers: ReadonlyMap<string, AgeAnswers>
  /** named here, and by no row of roles.csv at all */
  readonly unplaced: ReadonlySet<string>
}

/** Reads demographics.csv. A birth date lives for one call of the row handler and no longer. */
export async function readDemographics(
  zip: RosterZip,
  known: { roles: Roles; users: Users; schoolYearEnd: string; sector: Sector },
  about: { today: string; rejections: Rejections },
): Promise<Demographics> {
  const answers = new Map<string, AgeAnswers>()
  const unplaced = new Set<string>()
  const { schoolYearEnd, sector } = known
  await readCsvFile(zip, DEMOGRAPHICS, ({ row, get, fault }) => {
    const user = get('sourcedId')
    const birthDate = get('birthDate')
    if (!known.roles.everyone.has(user)) unplaced.add(user)
    const isPupil = known.roles.pupils.has(user)
    const reason = fault === '' ? faultOf(user, birthDate, isPupil, known, about.today) : fault
    if (reason !== undefined) {
      if (known.roles.concerned.has(user) || !known.roles.everyone.has(user))
        about.rejections.reject('demographics.csv', row, reason)
      return
    }
    if (isPupil) answers.set(user, ageAnswers(birthDate, schoolYearEnd, about.today, sector))
  })
  return { answers, unplaced }
}

function faultOf(
  user: string,
  birthDate: string,
  isPupil: boolean,
  { users }: { users: Users },
  today: string,
): RowReason | undefined {
  if (user === '') return 'missing-value'
  if (!users.known.has(user)) return 'unknown-user'
  return isPupil && birthDate !== '' && !isBirthDate(birthDate, today) ? 'bad-date' : undefined
}
