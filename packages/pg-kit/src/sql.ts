import { hash } from 'node:crypto'

export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | null | readonly SqlValue[]
export type Sql = { readonly name: string; readonly text: string; readonly values: readonly SqlValue[] }

/**
 * A statement whose holes are bind parameters and nothing else: what a caller puts in can never become SQL. The name is
 * a hash of the text, under which each connection prepares the statement once.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  const { name, text } = prepared.get(strings) ?? prepare(strings)
  return { name, text, values }
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
