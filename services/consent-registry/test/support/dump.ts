import { readEveryRow } from '@samen/test-kit'

/** One value of a row, as text, with where it stands. */
export type DumpedValue = {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
  readonly column: string
  readonly text: string
}

/** Every value of every table of the registry, jobs included, as a thief of the database would have them. */
export async function dumpValues(superuserUrl: string): Promise<DumpedValue[]> {
  return (await readEveryRow(superuserUrl)).flatMap(({ table, columns: row }) =>
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .map(([column, value]) => ({
        table,
        row,
        column,
        text: typeof value === 'string' ? value : JSON.stringify(value),
      })),
  )
}
