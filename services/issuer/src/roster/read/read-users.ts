import { AUTHORITY_COLUMN, USERS } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { type CsvRow, readCsvFile } from './read-csv-file.ts'
import type { Roles } from './read-roles.ts'
import { splitList } from './read-structure.ts'
import type { Rejections, RowReason } from './row-rejections.ts'
import { readYearGroup } from './year-group.ts'

/** What users.csv says about one pupil of this school. */
export interface PupilRow {
  readonly row: number
  readonly sourcedId: string
  readonly givenName: string
  /** with its prefix */
  readonly familyName: string
  /** "van der", or '' */
  readonly familyNamePrefix: string
  readonly yearGroup: string | undefined
  /** sourcedIds of related people */
  readonly agents: readonly string[]
  /** the text of `metadata.nl.gezag` */
  readonly authority: string
}

export interface Users {
  readonly pupils: readonly PupilRow[]
  /** sourcedIds of the usable rows of parents and guardians */
  readonly guardians: ReadonlySet<string>
  /** for a user, the parents and guardians whose own row names that user as related */
  readonly namedBy: ReadonlyMap<string, readonly string[]>
  /** sourcedIds of all usable rows */
  readonly known: ReadonlySet<string>
  /** who has a row here, and no row in roles.csv at all */
  readonly unplaced: ReadonlySet<string>
}

/**
 * Reads users.csv. Names are kept of this school's pupils and of nobody else: a guardianship says that somebody may decide,
 * not what that person is called.
 */
export async function readUsers(zip: RosterZip, roles: Roles, rejections: Rejections): Promise<Users> {
  const pupils: PupilRow[] = []
  const guardians = new Map<string, readonly string[]>()
  const known = new Set<string>()
  const unplaced = new Set<string>()
  await readCsvFile(zip, USERS, (row) => {
    const sourcedId = row.get('sourcedId')
    const isPupil = roles.pupils.has(sourcedId)
    const fault = faultOf(row, roles, isPupil)
    if (fault !== undefined) {
      if (!roles.everyone.has(sourcedId)) unplaced.add(sourcedId)
      if (mayBeOurs(roles, sourcedId)) rejections.reject('users.csv', row.row, fault)
      return
    }
    known.add(sourcedId)
    if (isPupil) pupils.push(pupilRow(row))
    if (roles.guardians.has(sourcedId)) guardians.set(sourcedId, splitList(row.get('agentSourcedIds')))
  })
  return { pupils, guardians: new Set(guardians.keys()), namedBy: invert(guardians), known, unplaced }
}

/** A row of somebody who has roles at other schools only is theirs to mend. */
function mayBeOurs({ concerned, everyone }: Roles, sourcedId: string): boolean {
  return concerned.has(sourcedId) || !everyone.has(sourcedId)
}

/** From who names whom to who is named by whom. */
function invert(naming: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const pairs = [...naming].flatMap(([by, named]) => named.map((whom) => ({ by, whom })))
  const groups = Map.groupBy(pairs, ({ whom }) => whom)
  return new Map([...groups].map(([whom, of]) => [whom, of.map(({ by }) => by)]))
}

function faultOf({ fault, get }: CsvRow, roles: Roles, isPupil: boolean): RowReason | undefined {
  if (fault !== '') return fault
  if (get('sourcedId') === '') return 'missing-value'
  if (!roles.everyone.has(get('sourcedId'))) return 'no-role'
  if (!isPupil) return undefined
  if (get('givenName').trim() === '' || get('familyName').trim() === '') return 'missing-value'
  return readYearGroup(get('grades')) === 'unreadable' ? 'bad-value' : undefined
}

function pupilRow({ row, get }: CsvRow): PupilRow {
  const yearGroup = readYearGroup(get('grades'))
  const prefix = readPrefix(get('middleName'))
  return {
    row,
    sourcedId: get('sourcedId'),
    givenName: (get('preferredGivenName').trim() || get('givenName')).trim(),
    familyName: `${prefix} ${get('familyName').trim()}`.trim(),
    familyNamePrefix: prefix,
    yearGroup: yearGroup === 'unreadable' ? undefined : yearGroup,
    agents: splitList(get('agentSourcedIds')),
    authority: get(AUTHORITY_COLUMN),
  }
}

const PREFIX_WORDS = new Set(
  "aan,bij,da,dal,de,del,den,der,des,di,do,dos,du,el,en,het,in,la,las,le,les,lo,los,onder,op,over,te,ten,ter,tot,uit,uyt,van,vom,von,voor,zu,zum,zur,af,al,ben,bin,’s,'s,’t,'t,d'’,l'’".split(
    ',',
  ),
)

/** Dutch administrations write "van der" into middleName; any other middle name is a second first name and not needed. */
function readPrefix(middleName: string): string {
  const words = middleName.trim().split(/\s+/)
  return words.every((word) => PREFIX_WORDS.has(word.toLowerCase())) ? words.join(' ') : ''
}
