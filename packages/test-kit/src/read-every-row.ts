import { lookInto } from './find-broken-rules.ts'

export type StoredRow = {
  /** `schema.table` */
  readonly table: string
  /** its columns as JSON; bytes are `\x` and hex */
  readonly columns: Readonly<Record<string, unknown>>
  /** the whole row as PostgreSQL writes it */
  readonly line: string
}

/** Every row of every table that is not PostgreSQL's own, jobs included, as a thief of the database would have them; for a superuser's address. */
export function readEveryRow(superuserUrl: string): Promise<StoredRow[]> {
  return lookInto(superuserUrl, async (database) => {
    const { rows: tables } = await database.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
    )
    const found: StoredRow[] = []
    for (const { name: table } of tables) {
      const { rows } = await database.query<Omit<StoredRow, 'table'>>(
        `select to_jsonb(t) as columns, t::text as line from ${table} t`,
      )
      for (const row of rows) found.push({ table, ...row })
    }
    return found
  })
}

/**
 * Every value of these rows as a thief would try it: as it stands, and bytes in both spellings of secrets. Only what could be a secret and
 * may stand in a header: 8 to 200 visible characters.
 */
export function guessesFrom(rows: readonly StoredRow[]): string[] {
  const values = rows.flatMap(({ columns }) => Object.values(columns))
  const texts = values.flatMap((value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const hex = /^\\x([0-9a-f]+)$/.exec(text)?.[1]
    return hex === undefined ? [text] : [hex, Buffer.from(hex, 'hex').toString('base64url')]
  })
  return [...new Set(texts)].filter((text) => /^[\x21-\x7e]{8,200}$/.test(text))
}
