import { isCalendarDate } from './age-facts.ts'
import { ACADEMIC_SESSIONS, CLASSES, COURSES, type CsvFile, ORGS } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { type CsvRow, readCsvFile } from './read-csv-file.ts'
import type { Manifest } from './read-manifest.ts'
import { RosterRefusal } from './roster-refusal.ts'
import type { Rejections, RowReason } from './row-rejections.ts'

/** The part of a delivery that holds no people: the school itself, its year and its classes. References are checked as OR#matrix lists them. */
export interface Structure {
  /** sourcedId of the org that is this school */
  readonly schoolOrg: string
  /** `identifier` of its board, when it is one that a board can have */
  readonly boardId: string | undefined
  readonly orgs: ReadonlySet<string>
  readonly schoolYear: SchoolYear
  /** every usable class of the delivery, those of other schools too */
  readonly classes: ReadonlyMap<string, SchoolClass>
}

/** First and last day, `YYYY-MM-DD`. */
export interface SchoolYear {
  readonly start: string
  readonly end: string
}

export interface SchoolClass {
  readonly sourcedId: string
  readonly org: string
  readonly title: string
  readonly grades: string
  readonly isHomeroom: boolean
}

const ORG_TYPES = ['department', 'school', 'district', 'local', 'state', 'national']
const SESSION_TYPES = ['gradingPeriod', 'semester', 'schoolYear', 'term']

/** `brin` picks the school, `today` (`YYYY-MM-DD`) the school year. Throws RosterRefusal, also `school-not-in-file` and `no-school-year`. */
export async function readStructure(
  zip: RosterZip,
  manifest: Manifest,
  about: { brin: string; today: string; rejections: Rejections },
): Promise<Structure> {
  const { orgs, schoolOrg, boardId } = await readOrgs(zip, about)
  const sessions = await readSessions(zip, about.rejections)
  const schoolYear = pickSchoolYear(sessions, about.today)
  const courses = manifest.has(COURSES) ? await readCourses(zip, orgs, about.rejections) : undefined
  const classes = await readClasses(zip, { orgs, schoolOrg, sessions, courses, rejections: about.rejections })
  return { schoolOrg, boardId, orgs, schoolYear, classes }
}

async function readOrgs(zip: RosterZip, { brin, rejections }: { brin: string; rejections: Rejections }) {
  const rows = await usableRows(zip, ORGS, rejections, ({ get }) => {
    if (get('sourcedId') === '') return 'missing-value'
    return isTermOf(ORG_TYPES, get('type')) ? undefined : 'bad-value'
  })
  const orgs = new Set(rows.map(({ get }) => get('sourcedId')))
  for (const { row, get } of rows) {
    const parent = get('parentSourcedId')
    if (parent === '' || orgs.has(parent)) continue
    rejections.reject('orgs.csv', row, 'unknown-org')
    orgs.delete(get('sourcedId'))
  }
  const schools = rows.filter(
    ({ get }) =>
      orgs.has(get('sourcedId')) && get('type') === 'school' && get('identifier').trim().toUpperCase() === brin,
  )
  const [school] = schools
  if (school === undefined || schools.length > 1) throw new RosterRefusal('school-not-in-file', { file: 'orgs.csv' })
  const parent = rows.find(({ get }) => get('sourcedId') === school.get('parentSourcedId'))
  return { orgs, schoolOrg: school.get('sourcedId'), boardId: readBoardId(parent) }
}

/** A number of a bevoegd gezag, or a code of RIO. */
const BOARD_ID = /^(\d{5}|\d{3}[A-Z]\d{3})$/

function readBoardId(org: CsvRow | undefined): string | undefined {
  const identifier = org?.get('type') === 'district' ? org.get('identifier').trim().toUpperCase() : ''
  return BOARD_ID.test(identifier) ? identifier : undefined
}

/** By sourcedId; undefined for a session that is no school year. */
type Sessions = ReadonlyMap<string, SchoolYear | undefined>

async function readSessions(zip: RosterZip, rejections: Rejections): Promise<Sessions> {
  const rows = await usableRows(zip, ACADEMIC_SESSIONS, rejections, ({ get }) => {
    if (get('sourcedId') === '') return 'missing-value'
    if (!isCalendarDate(get('startDate')) || !isCalendarDate(get('endDate'))) return 'bad-date'
    return isTermOf(SESSION_TYPES, get('type')) && get('startDate') < get('endDate') ? undefined : 'bad-value'
  })
  return new Map(
    rows.map(({ get }) => [
      get('sourcedId'),
      get('type') === 'schoolYear' ? { start: get('startDate'), end: dayBefore(get('endDate')) } : undefined,
    ]),
  )
}

/** `endDate` of a session is the first day after it. */
function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() - 1)
  return day.toISOString().slice(0, 10)
}

/** Rosters of the next year arrive in the summer before it, so one that begins soon will do when none holds today. */
function pickSchoolYear(sessions: Sessions, today: string): SchoolYear {
  const years = [...sessions.values()]
    .filter((session) => session !== undefined)
    .sort((one, other) => (one.start < other.start ? -1 : 1))
  const soon = new Date(`${today}T00:00:00Z`)
  soon.setUTCMonth(soon.getUTCMonth() + 2)
  const year = years.find(({ start, end }) => end >= today && start <= soon.toISOString().slice(0, 10))
  if (year === undefined) throw new RosterRefusal('no-school-year', { file: 'academicSessions.csv' })
  return year
}

async function readCourses(
  zip: RosterZip,
  orgs: ReadonlySet<string>,
  rejections: Rejections,
): Promise<ReadonlySet<string>> {
  const rows = await usableRows(zip, COURSES, rejections, ({ get }) => {
    if (get('sourcedId') === '') return 'missing-value'
    return orgs.has(get('orgSourcedId')) ? undefined : 'unknown-org'
  })
  return new Set(rows.map(({ get }) => get('sourcedId')))
}

async function readClasses(
  zip: RosterZip,
  known: {
    orgs: ReadonlySet<string>
    schoolOrg: string
    sessions: Sessions
    courses: ReadonlySet<string> | undefined
    rejections: Rejections
  },
): Promise<ReadonlyMap<string, SchoolClass>> {
  // A broken class of another school is for that school's report.
  const concerns = ({ get }: CsvRow) =>
    get('schoolSourcedId') === known.schoolOrg || !known.orgs.has(get('schoolSourcedId'))
  const rows = await usableRows(zip, CLASSES, known.rejections, (row) => faultOfClass(row, known), concerns)
  return new Map(
    rows.map(({ get }) => [
      get('sourcedId'),
      {
        sourcedId: get('sourcedId'),
        org: get('schoolSourcedId'),
        title: get('title'),
        grades: get('grades'),
        isHomeroom: get('classType') === 'homeroom',
      },
    ]),
  )
}

function faultOfClass(
  { get }: CsvRow,
  known: { orgs: ReadonlySet<string>; sessions: Sessions; courses: ReadonlySet<string> | undefined },
): RowReason | undefined {
  if (get('sourcedId') === '' || get('title').trim() === '') return 'missing-value'
  if (!isTermOf(['homeroom', 'scheduled'], get('classType'))) return 'bad-value'
  if (!known.orgs.has(get('schoolSourcedId'))) return 'unknown-org'
  if (!splitList(get('termSourcedIds')).every((term) => known.sessions.has(term))) return 'unknown-session'
  return known.courses === undefined || known.courses.has(get('courseSourcedId')) ? undefined : 'unknown-course'
}

/** True for a term of a OneRoster vocabulary; a delivery may add its own, which begin with `ext:` and mean nothing to us. */
export const isTermOf = (vocabulary: readonly string[], term: string): boolean =>
  vocabulary.includes(term) || /^ext:[A-Za-z0-9._-]{1,100}$/.test(term)

/** A OneRoster list: comma-separated, blanks around items ignored, empty items dropped. */
export function splitList(text: string): string[] {
  return text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]))
}

/** All rows of a small file that pass `faultOf`; the others are reported when they concern this school. */
async function usableRows(
  zip: RosterZip,
  file: CsvFile,
  rejections: Rejections,
  faultOf: (row: CsvRow) => RowReason | undefined,
  concerns: (row: CsvRow) => boolean = () => true,
): Promise<CsvRow[]> {
  const usable: CsvRow[] = []
  await readCsvFile(zip, file, (row) => {
    const fault = row.fault === '' ? faultOf(row) : row.fault
    if (fault === undefined) usable.push(row)
    else if (concerns(row)) rejections.reject(`${file.name}.csv`, row.row, fault)
  })
  return usable
}
