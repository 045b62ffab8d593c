import { hash } from 'node:crypto'

export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null | readonly SqlValue[]
declare const tagged: unique symbol
/** Made by `sql` and by nothing else: a text put together by hand is none, and does not compile as one. */
export type Sql = {
  readonly name: string
  readonly text: string
  readonly values: readonly SqlValue[]
  readonly [tagged]: true
}

/**
 * A statement whose holes are bind parameters and nothing else: what a caller puts in can never become SQL. The name is
 * a hash of the text, under which each connection prepares the statement once.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  const { name, text } = prepared.get(strings) ?? prepare(strings)
  return { name, text, values } as unknown as Sql
}

/** A statement as pg-boss made it. Its text carries names and settings of queues, so it is not worth a prepared statement. */
export function foreignSql(text: string, values: readonly unknown[]): Sql {
  return { name: '', text, values } as unknown as Sql
}

/** A value for a `json` or `jsonb` column; a bare array would be bound as a PostgreSQL array. */
export function json(value: unknown): string {
  return JSON.stringify(value)
}

const prepared = new WeakMap<TemplateStringsArray, { name: string; text: string }>()

function prepare(strings: TemplateStringsArray): { name: string; text: string } {
  const text = strings.reduce((before, piece, index) => `${before}$${index}${piece}`)
  const entry = { name: `q${hash('sha256', text, 'base64url').slice(0, 24)}`, text }
  prepared.set(strings, entry)
  return entry
}
