import { isCalendarDate } from './age-facts.ts'
import { ROLES } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { type CsvRow, readCsvFile } from './read-csv-file.ts'
import { isTermOf, type Structure } from './read-structure.ts'
import type { Rejections, RowReason } from './row-rejections.ts'

/** Who is what, by sourcedId of the user. */
export interface Roles {
  /** pupils of this school today, with the day they came (`YYYY-MM-DD` or '') */
  readonly pupils: ReadonlyMap<string, string>
  /** named as a pupil of this school by a row that could not be used: no reason to delete them */
  readonly doubtful: ReadonlySet<string>
  /** named by a row that could not be used and that places them at no other school of the board: a pupil or not, nobody can tell */
  readonly unplaced: ReadonlySet<string>
  /** parents and guardians of any school of the board */
  readonly guardians: ReadonlyMap<string, 'parent' | 'guardian'>
  /** everyone with a role at this school, or at no school in particular */
  readonly concerned: ReadonlySet<string>
  /** everyone with any role */
  readonly everyone: ReadonlySet<string>
  /** each usable row that concerns this school, to be held against users.csv */
  readonly rows: readonly { readonly row: number; readonly user: string }[]
}

const ROLE_NAMES = [
  'aide',
  'counselor',
  'districtAdministrator',
  'guardian',
  'parent',
  'principal',
  'proctor',
  'relative',
  'siteAdministrator',
  'student',
  'systemAdministrator',
  'teacher',
]

/** Reads roles.csv. A role that has not begun or is over (`endDate` is the first day without it) is passed over in silence. */
export async function readRoles(
  zip: RosterZip,
  structure: Structure,
  about: { today: string; rejections: Rejections },
): Promise<Roles> {
  const roles = {
    pupils: new Map<string, string>(),
    doubtful: new Set<string>(),
    unplaced: new Set<string>(),
    guardians: new Map<string, 'parent' | 'guardian'>(),
    concerned: new Set<string>(),
    everyone: new Set<string>(),
    rows: [] as { row: number; user: string }[],
  }
  await readCsvFile(zip, ROLES, (row) => {
    const fault = faultOf(row, structure)
    const org = row.get('orgSourcedId')
    const isOurs = org === structure.schoolOrg
    roles.everyone.add(row.get('userSourcedId'))
    if (fault === undefined) addRole(roles, row, { isOurs, isHeld: isHeldOn(row, about.today) })
    else if (isOurs || !structure.orgs.has(org)) {
      about.rejections.reject('roles.csv', row.row, fault)
      roles[isOurs && row.get('role') === 'student' ? 'doubtful' : 'unplaced'].add(row.get('userSourcedId'))
    }
  })
  return roles
}

function faultOf({ fault, get }: CsvRow, structure: Structure): RowReason | undefined {
  if (fault !== '') return fault
  if (get('userSourcedId') === '' || get('orgSourcedId') === '') return 'missing-value'
  if (!isTermOf(ROLE_NAMES, get('role')) || !['primary', 'secondary'].includes(get('roleType'))) return 'bad-value'
  if (['beginDate', 'endDate'].some((column) => get(column) !== '' && !isCalendarDate(get(column)))) return 'bad-date'
  return structure.orgs.has(get('orgSourcedId')) ? undefined : 'unknown-org'
}

/** True when the period of the row, whose end is the first day after it, holds `today`. */
export function isHeldOn({ get }: Pick<CsvRow, 'get'>, today: string): boolean {
  return (get('beginDate') === '' || get('beginDate') <= today) && (get('endDate') === '' || get('endDate') > today)
}

function addRole(
  roles: {
    pupils: Map<string, string>
    guardians: Map<string, 'parent' | 'guardian'>
    concerned: Set<string>
    rows: { row: number; user: string }[]
  },
  { get, row }: CsvRow,
  { isOurs, isHeld }: { isOurs: boolean; isHeld: boolean },
): void {
  const user = get('userSourcedId')
  const role = get('role')
  if (isOurs) roles.rows.push({ row, user })
  if (!isHeld) return
  if (isOurs) roles.concerned.add(user)
  if (isOurs && role === 'student') roles.pupils.set(user, get('beginDate'))
  // A parent at one school and a relative at another is a parent.
  if (role === 'parent') roles.guardians.set(user, 'parent')
  if ((role === 'guardian' || role === 'relative') && !roles.guardians.has(user)) roles.guardians.set(user, 'guardian')
}
