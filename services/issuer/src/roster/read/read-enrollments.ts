import { isCalendarDate } from './age-facts.ts'
import { ENROLLMENTS } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { type CsvRow, readCsvFile } from './read-csv-file.ts'
import { isHeldOn, type Roles } from './read-roles.ts'
import { isTermOf, type SchoolClass, type Structure } from './read-structure.ts'
import type { Users } from './read-users.ts'
import type { Rejections, RowReason } from './row-rejections.ts'

/** What the enrolments say about one pupil. */
export interface Enrolment {
  /** the first class of type homeroom, when there is one */
  readonly homeroom: SchoolClass | undefined
  /** the earliest day of a running enrolment, `YYYY-MM-DD`, or '' */
  readonly since: string
}

export interface Enrolments {
  readonly byPupil: ReadonlyMap<string, Enrolment>
  /** pupils of whom a row says that they left a class, or are yet to come to it */
  readonly moved: ReadonlySet<string>
  /** named as a pupil of this school here, and by no row of roles.csv at all */
  readonly unplaced: ReadonlySet<string>
  readonly accepted: number
}

const ROLE_NAMES = ['administrator', 'proctor', 'student', 'teacher']

/** Reads enrollments.csv: the rows of this school's pupils that hold on `today`. Rows of other schools are passed over. */
export async function readEnrollments(
  zip: RosterZip,
  known: { structure: Structure; roles: Roles; users: Users },
  about: { today: string; rejections: Rejections },
): Promise<Enrolments> {
  const found = {
    byPupil: new Map<string, Enrolment>(),
    moved: new Set<string>(),
    unplaced: new Set<string>(),
    accepted: 0,
  }
  await readCsvFile(zip, ENROLLMENTS, (row) => {
    const { structure } = known
    const school = row.get('schoolSourcedId')
    if (school !== structure.schoolOrg && structure.orgs.has(school)) return
    const fault = faultOf(row, known)
    if (fault !== undefined) about.rejections.reject('enrollments.csv', row.row, fault)
    if (row.get('role') === 'student') addPupil(found, row, { ...known, today: about.today, fault })
  })
  return found
}

function faultOf(
  { fault, get }: CsvRow,
  { structure, roles, users }: { structure: Structure; roles: Roles; users: Users },
): RowReason | undefined {
  if (fault !== '') return fault
  if (get('sourcedId') === '' || get('schoolSourcedId') === '') return 'missing-value'
  if (!structure.orgs.has(get('schoolSourcedId'))) return 'unknown-org'
  if (structure.classes.get(get('classSourcedId'))?.org !== structure.schoolOrg) return 'unknown-class'
  if (!users.known.has(get('userSourcedId'))) return 'unknown-user'
  if (!isTermOf(ROLE_NAMES, get('role'))) return 'bad-value'
  if (['beginDate', 'endDate'].some((column) => get(column) !== '' && !isCalendarDate(get(column)))) return 'bad-date'
  return get('role') === 'student' && !roles.concerned.has(get('userSourcedId')) ? 'no-role' : undefined
}

function addPupil(
  found: { byPupil: Map<string, Enrolment>; moved: Set<string>; unplaced: Set<string>; accepted: number },
  row: CsvRow,
  about: { structure: Structure; roles: Roles; today: string; fault: RowReason | undefined },
): void {
  const user = row.get('userSourcedId')
  if (about.fault !== undefined) {
    if (!about.roles.everyone.has(user)) found.unplaced.add(user)
  } else if (isHeldOn(row, about.today)) {
    found.accepted += 1
    found.byPupil.set(user, addEnrolment(found.byPupil.get(user), row, about.structure))
  } else found.moved.add(user)
}

function addEnrolment(before: Enrolment | undefined, { get }: CsvRow, structure: Structure): Enrolment {
  const found = structure.classes.get(get('classSourcedId'))
  return {
    homeroom: before?.homeroom ?? (found?.isHomeroom === true ? found : undefined),
    since: earliest(before?.since ?? '', get('beginDate')),
  }
}

function earliest(one: string, other: string): string {
  if (one === '' || other === '') return one || other
  return one < other ? one : other
}
