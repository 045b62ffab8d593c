import type { QueryResult } from 'pg'
import type { Sql } from './sql.ts'

/** The four ways to run a statement. Rows are plain objects with the columns as members. */
export type Statements = {
  /** Exactly one row; any other number throws `RangeError`. */
  readonly one: <Row extends object>(statement: Sql) => Promise<Row>
  /** One row or none; more throws `RangeError`. */
  readonly maybe: <Row extends object>(statement: Sql) => Promise<Row | undefined>
  readonly many: <Row extends object>(statement: Sql) => Promise<Row[]>
  /** The number of rows touched. */
  readonly run: (statement: Sql) => Promise<number>
}

/** The four ways over one function that sends a statement. */
export function createStatements(query: (statement: Sql) => Promise<QueryResult>): Statements {
  return {
    one: async <Row>(statement: Sql) => {
      const { rows } = await query(statement)
      if (rows.length !== 1) throw new RangeError(`expected one row, got ${rows.length}`)
      return rows[0] as Row
    },
    maybe: async <Row>(statement: Sql) => {
      const { rows } = await query(statement)
      if (rows.length > 1) throw new RangeError(`expected at most one row, got ${rows.length}`)
      return rows[0] as Row | undefined
    },
    many: async <Row>(statement: Sql) => (await query(statement)).rows as Row[],
    run: async (statement) => (await query(statement)).rowCount ?? 0,
  }
}
