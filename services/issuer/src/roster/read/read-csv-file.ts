import { type Options, parse } from 'csv-parse'
import { holdsNationalNumber } from './national-number.ts'
import { AUTHORITY_COLUMN, type CsvFile, MANIFEST } from './oneroster-files.ts'
import type { RosterZip } from './open-roster-zip.ts'
import { RosterRefusal } from './roster-refusal.ts'

/** One row of which only the kept columns are left; a kept column that the file does not have reads as ''. */
export interface CsvRow {
  /** as a spreadsheet counts: the header is row 1 */
  readonly row: number
  readonly get: (column: string) => string
  /** '' when the row may be used, else why it must not be */
  readonly fault: '' | 'national-number' | 'bad-value'
}

const MOST_ROWS = 1_000_000
const LONGEST_ROW = 65_536
const LONGEST_VALUE = 2_048
// Control, bidirectional and zero-width characters and line separators make a name look like another one.
const UNREADABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

// Columns are counted here and not by the parser, so that a wrong header is called that and not a broken row.
const PARSE: Options = { bom: true, max_record_size: LONGEST_ROW, relax_column_count: true, skip_empty_lines: true }

/**
 * Reads one CSV file of the zip (RFC 4180, UTF-8) row by row; OneRoster 1.2 CSV, section 3. In bulk deliveries `status` and
 * `dateLastModified` are empty; a row where they are not belongs to a delta, in which absent rows are not gone.
 * `onRow` sees every row, faulty ones with their fault.
 * Throws RosterRefusal `missing-file`, `damaged-zip`, `wrong-header`, `empty-file`, `broken-file`, `not-utf8`, `delta-not-supported`,
 * `duplicate-id` or `too-large`.
 */
export async function readCsvFile(zip: RosterZip, file: CsvFile, onRow: (row: CsvRow) => void): Promise<void> {
  const reading = { row: 0, seen: new Set<string>() }
  let layout: Layout | undefined
  await zip.read<string[]>(file.name, parse(PARSE), async (records) => {
    for await (const values of records) {
      reading.row += 1
      if (reading.row > MOST_ROWS) throw new RosterRefusal('too-large', { file: `${file.name}.csv` })
      if (layout === undefined) layout = assertHeader(file, values)
      else onRow(readRow(file, layout, values, reading))
    }
  })
  if (layout === undefined) throw new RosterRefusal('wrong-header', { file: `${file.name}.csv` })
  // OneRoster does not permit a file without rows; one that lost them all would say that everybody left.
  if (reading.row === 1) throw new RosterRefusal('empty-file', { file: `${file.name}.csv` })
}

interface Layout {
  readonly width: number
  readonly columns: ReadonlyMap<string, number>
  /** places of the columns in which an administration may have put a national number */
  readonly screened: readonly number[]
}

function assertHeader(file: CsvFile, header: readonly string[]): Layout {
  const variant = file.headers.find((columns) => columns.every((column, place) => header[place] === column))
  const extra = header.slice(variant?.length ?? 0)
  const isExact = variant !== undefined && extra.every((column) => /^metadata\.[A-Za-z0-9._-]{1,100}$/.test(column))
  if (!isExact || new Set(header).size !== header.length)
    throw new RosterRefusal('wrong-header', { file: `${file.name}.csv` })
  const places = header.map((column, place) => [column, place] as const)
  return {
    width: header.length,
    columns: new Map(places.filter(([column]) => file.keep.includes(column))),
    screened: places.filter(([column]) => isScreened(file, column)).map(([, place]) => place),
  }
}

/**
 * Every text that is kept, and the columns where administrations put other ids. Not the ids of OneRoster itself: one in eleven of those
 * with nine digits looks like a national number, they leave the parser only for a keyed tag, and the authority column holds nothing else.
 */
const isScreened = (file: CsvFile, column: string): boolean =>
  !/(^s|S)ourcedIds?$/.test(column) &&
  column !== AUTHORITY_COLUMN &&
  (file.keep.includes(column) || column.startsWith('metadata.') || OTHER_IDS.has(column))

const OTHER_IDS = new Set(['identifier', 'userIds', 'userMasterIdentifier'])

function readRow(
  file: CsvFile,
  layout: Layout,
  values: readonly string[],
  reading: { row: number; seen: Set<string> },
): CsvRow {
  const place = { file: `${file.name}.csv`, row: reading.row }
  if (values.length !== layout.width) throw new RosterRefusal('broken-file', place)
  if (values.some((value) => value.includes('\ufffd'))) throw new RosterRefusal('not-utf8', place)
  if (file !== MANIFEST) {
    const [sourcedId = '', status, dateLastModified] = values
    if (status !== '' || dateLastModified !== '') throw new RosterRefusal('delta-not-supported', place)
    if (sourcedId !== '' && reading.seen.has(sourcedId)) throw new RosterRefusal('duplicate-id', place)
    reading.seen.add(sourcedId)
  }
  const kept = new Map([...layout.columns].map(([column, at]) => [column, values[at] ?? '']))
  return { row: reading.row, get: (column) => kept.get(column) ?? '', fault: faultOf(file, layout, values, kept) }
}

// What an id may consist of: OneRoster 1.2 CSV, section 3, data type GUID.
const GUID = /^[A-Za-z0-9._/@-]{1,255}$/

function faultOf(
  file: CsvFile,
  layout: Layout,
  values: readonly string[],
  kept: ReadonlyMap<string, string>,
): CsvRow['fault'] {
  if (file !== MANIFEST && values[0] !== '' && !GUID.test(values[0] ?? '')) return 'bad-value'
  if (layout.screened.some((place) => holdsNationalNumber(values[place] ?? ''))) return 'national-number'
  for (const value of kept.values()) if (value.length > LONGEST_VALUE || UNREADABLE.test(value)) return 'bad-value'
  return ''
}
