import pg from 'pg'

/** The part of a connection that is needed here. */
export type Database = {
  readonly query: <Row extends object>(text: string, values?: readonly string[]) => Promise<{ rows: Row[] }>
}

/**
 * What must not be true of a database: each sentence with a query that gives a row, `what`, for each thing of which it is. The query can
 * compare with the world outside the database, which it finds as `seen` in `outside`.
 */
export type Rules = Readonly<Record<string, string>>

/**
 * Asks a database for each rule whether it is broken, and changes nothing. Gives the sentences of those that are, with the first few
 * things that break them; none when all is well. `seen` is whatever the rules compare with.
 */
export async function findBrokenRules(database: Database, rules: Rules, seen: object): Promise<string[]> {
  const outside = JSON.stringify(seen)
  const sentences: string[] = []
  for (const [sentence, query] of Object.entries(rules)) {
    const text = `with outside as (select $1::jsonb as seen) ${query}`
    const { rows } = await database.query<{ what: string }>(text, [outside])
    const named = [...rows.slice(0, NAMED).map(({ what }) => what), ...(rows.length > NAMED ? ['…'] : [])]
    if (rows.length > 0) sentences.push(`${sentence} (${rows.length}: ${named.join(', ')})`)
  }
  return sentences
}

const NAMED = 3

/** Looks into a database over a connection of its own, as whoever the address is for. */
export async function lookInto<Found>(url: string, look: (database: Database) => Promise<Found>): Promise<Found> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await look(client as Database)
  } finally {
    await client.end()
  }
}
