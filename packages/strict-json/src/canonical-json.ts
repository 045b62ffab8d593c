import { type JsonValue, MAX_DEPTH } from './json-value.ts'
import { StrictJsonError } from './strict-json-error.ts'

/**
 * The one text of a JSON value, so that a hash over it means the value and not its spelling.
 *
 * In: a JSON value. Out: its JCS text: members sorted by UTF-16 code units, no white space, ECMAScript numbers and
 * escapes. Throws `StrictJsonError` for what has no such text: NaN, infinities, lone surrogates, `undefined`, objects
 * with a class, nesting deeper than 32. JCS#section-3.2
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, 0)
}

function write(value: JsonValue, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return writeNumber(value)
  if (typeof value !== 'object') throw new StrictJsonError('not_json')
  if (depth === MAX_DEPTH) throw new StrictJsonError('too_deep')
  if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join(',')}]`
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    throw new StrictJsonError('not_json')
  }
  const members = Object.keys(value).sort(byCodeUnit)
  return `{${members.map((name) => `${writeString(name)}:${write(value[name] as JsonValue, depth + 1)}`).join(',')}}`
}

/** JCS#section-3.2.3: as arrays of 16-bit units, whatever the language of the machine. */
function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : 1
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw new StrictJsonError('forbidden_character')
  return JSON.stringify(value)
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) throw new StrictJsonError('number_out_of_range')
  return JSON.stringify(value)
}
