import pg from 'pg'

const INT8 = 20
const DATE = 1082
const DATE_ARRAY = 1182

/**
 * How columns become values: `bigint` a number (throws beyond 2^53-1, where a number would lie), `date` the text
 * YYYY-MM-DD (a `Date` would move with the time zone of the process), all else as the driver does.
 */
export const parseTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return toSafeNumber
    if (oid === DATE) return String
    if (oid === DATE_ARRAY) return pg.types.getTypeParser(1009 as number, format as 'text')
    return pg.types.getTypeParser(oid, format as 'text')
  },
} as pg.CustomTypesConfig

function toSafeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a database number is too large')
  return value
}
