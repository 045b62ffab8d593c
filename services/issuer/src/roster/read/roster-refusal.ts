/** Why a whole delivery is refused. Each sentence is for the school office; none holds anything from the delivery. */
export const REFUSALS = {
  'damaged-zip': 'The zip cannot be read: it was cut off or damaged on the way.',
  'too-large': 'The delivery is larger than this service accepts, compressed or unpacked.',
  'unexpected-file': 'The zip holds something that is no OneRoster CSV file in its top folder, or holds a file twice.',
  'missing-file': 'A file that is needed, or that the manifest announces, is not in the zip.',
  'bad-manifest': 'manifest.csv is not a OneRoster manifest, or does not agree with the files in the zip.',
  'version-not-supported':
    'Only OneRoster 1.2 is read. Version 1.1 has no roles.csv, so it cannot say at which school someone is what.',
  'delta-not-supported': 'Only complete (bulk) deliveries are read; this one holds changes (delta).',
  'wrong-header': 'The first line of a file is not the one OneRoster 1.2 prescribes; extra columns must be metadata.',
  'broken-file': 'A file was cut off: a row has another number of columns than the header, or a quote never closes.',
  'empty-file': 'A file holds a header and no rows.',
  'not-utf8': 'A file is not in UTF-8.',
  'duplicate-id': 'A file holds the same sourcedId twice.',
  'school-not-in-file': 'Not exactly one org of type school carries the BRIN of this school.',
  'no-school-year': 'No academic session of type schoolYear holds today or begins within two months.',
} as const

export type RefusalReason = keyof typeof REFUSALS

/** Thrown while reading a delivery; the import then ends as `refused` and nothing has changed. */
export class RosterRefusal extends Error {
  readonly reason: RefusalReason
  /** the file it is about, as OneRoster calls it (never a name from the zip) */
  readonly file: string | undefined
  /** as a spreadsheet counts: the header is row 1 */
  readonly row: number | undefined

  constructor(reason: RefusalReason, place: { file?: string; row?: number } = {}, options?: { cause: unknown }) {
    super(REFUSALS[reason], options)
    this.name = 'RosterRefusal'
    this.reason = reason
    this.file = place.file
    this.row = place.row
  }
}
