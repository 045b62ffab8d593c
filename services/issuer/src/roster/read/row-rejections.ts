/** Why one row was not used. Codes only: a report may travel, so it never holds a value from the row. */
export const ROW_REASONS = {
  'missing-value': 'a column that we need is empty',
  'bad-value': 'a column holds a value that OneRoster does not know there, or unreadable characters',
  'bad-date': 'a date is not a day of the calendar, or a birth date lies in the future',
  'national-number': 'a column holds what looks like a BSN or onderwijsnummer; the whole row was dropped',
  'unknown-org': 'the row names an org that is not in orgs.csv',
  'unknown-session': 'the row names a session that is not in academicSessions.csv',
  'unknown-course': 'the row names a course that is not in courses.csv',
  'unknown-class': 'the row names a class that is not in classes.csv, or whose own row was rejected',
  'unknown-user': 'the row names a user who is not in users.csv, or whose own row was rejected',
  'no-role': 'the user has no row in roles.csv',
  'unknown-guardian':
    'the pupil names a guardian who is not in this delivery, so authority stays as it was or is unknown; or who is no parent or guardian in it today, so authority is unknown',
  'authority-malformed': 'metadata.nl.gezag cannot be read; the pupil was taken, authority is unknown',
  'authority-inconsistent':
    'metadata.nl.gezag contradicts itself (such as joint authority of one person); authority is unknown',
  'authority-without-relation':
    'metadata.nl.gezag names someone whom agentSourcedIds does not relate to the pupil; authority is unknown',
} as const

export type RowReason = keyof typeof ROW_REASONS

export interface RejectedRow {
  readonly file: string
  /** as a spreadsheet counts: the header is row 1 */
  readonly row: number
  readonly reason: RowReason
}

export interface Rejections {
  reject(file: string, row: number, reason: RowReason): void
  /** at most `MOST_LISTED`, in file order within each file */
  readonly rows: readonly RejectedRow[]
  readonly total: number
}

const MOST_LISTED = 1_000

/** An empty list of rejected rows; it keeps counting when it stops listing, so that a hopeless file cannot fill the memory. */
export function createRejections(): Rejections {
  const rows: RejectedRow[] = []
  let total = 0
  return {
    reject(file, row, reason) {
      total += 1
      if (rows.length < MOST_LISTED) rows.push({ file, row, reason })
    },
    rows,
    get total() {
      return total
    },
  }
}
