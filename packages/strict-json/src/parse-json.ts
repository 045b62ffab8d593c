import { type JsonObject, type JsonValue, MAX_DEPTH } from './json-value.ts'
import { StrictJsonError } from './strict-json-error.ts'

const MAX_NUMBER_LENGTH = 64
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
/** Members that reach into the prototype chain of whoever copies the object. */
const FORBIDDEN_MEMBERS = new Set(['__proto__', 'constructor', 'prototype'])

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Reads a JSON text so that every reader of it sees the same value, or none.
 *
 * In: the text and the most UTF-8 bytes it may have. Out: the value, objects as plain objects. Throws
 * `StrictJsonError` for anything JSON.parse refuses, and for what two parsers may read differently: duplicate members,
 * lone surrogates, NUL, integers beyond 2^53-1, numbers that overflow, nesting deeper than 32, and members named
 * `__proto__`, `constructor` or `prototype`. RFC7515#section-10.12
 */
export function parseJson(text: string, limits: { readonly maxBytes: number }): JsonValue {
  if (exceedsBytes(text, limits.maxBytes)) throw new StrictJsonError('too_large')
  if (!text.isWellFormed()) throw new StrictJsonError('forbidden_character')
  const reader = new JsonReader(text)
  return reader.readWhole()
}

function exceedsBytes(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true
  return text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes
}

class JsonReader {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  readWhole(): JsonValue {
    const value = this.#readValue(this.#skipSpace())
    if (!Number.isNaN(this.#skipSpace())) throw new StrictJsonError('not_json')
    return value
  }

  /** Moves to the next character that means something and gives its code; NaN at the end. */
  #skipSpace(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
      this.#at += 1
    }
  }

  #readValue(code: number): JsonValue {
    if (code === QUOTE) return this.#readString()
    if (code === OPEN_OBJECT) return this.#nested(() => this.#readObject())
    if (code === OPEN_ARRAY) return this.#nested(() => this.#readArray())
    if (code === 0x74) return this.#readWord('true', true)
    if (code === 0x66) return this.#readWord('false', false)
    if (code === 0x6e) return this.#readWord('null', null)
    return this.#readNumber()
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new StrictJsonError('too_deep')
    this.#at += 1
    const value = read()
    this.#depth -= 1
    return value
  }

  #readObject(): JsonObject {
    const object: JsonObject = {}
    if (this.#ends(CLOSE_OBJECT)) return object
    do {
      if (this.#skipSpace() !== QUOTE) throw new StrictJsonError('not_json')
      const name = this.#readString()
      if (FORBIDDEN_MEMBERS.has(name)) throw new StrictJsonError('forbidden_member')
      if (Object.hasOwn(object, name)) throw new StrictJsonError('duplicate_member')
      if (this.#skipSpace() !== COLON) throw new StrictJsonError('not_json')
      this.#at += 1
      object[name] = this.#readValue(this.#skipSpace())
    } while (this.#continues(CLOSE_OBJECT))
    return object
  }

  #readArray(): JsonValue[] {
    const array: JsonValue[] = []
    if (this.#ends(CLOSE_ARRAY)) return array
    do {
      array.push(this.#readValue(this.#skipSpace()))
    } while (this.#continues(CLOSE_ARRAY))
    return array
  }

  #ends(close: number): boolean {
    if (this.#skipSpace() !== close) return false
    this.#at += 1
    return true
  }

  #continues(close: number): boolean {
    const code = this.#skipSpace()
    this.#at += 1
    if (code === COMMA) return true
    if (code === close) return false
    throw new StrictJsonError('not_json')
  }

  #readString(): string {
    const start = this.#at
    let escaped = false
    for (let at = start + 1; ; at += 1) {
      const code = this.#text.charCodeAt(at)
      if (code === QUOTE) {
        this.#at = at + 1
        return escaped ? readEscapes(this.#text.slice(start, at + 1)) : this.#text.slice(start + 1, at)
      }
      if (code === BACKSLASH) {
        escaped = true
        at += 1
      } else if (!(code >= 0x20)) throw refusedCharacter(code)
    }
  }

  #readWord<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new StrictJsonError('not_json')
    this.#at += word.length
    return value
  }

  #readNumber(): number {
    NUMBER.lastIndex = this.#at
    const digits = NUMBER.exec(this.#text)?.[0]
    if (digits === undefined) throw new StrictJsonError('not_json')
    this.#at += digits.length
    const value = Number(digits)
    const inexact = Number.isInteger(value) && !Number.isSafeInteger(value)
    if (digits.length > MAX_NUMBER_LENGTH || !Number.isFinite(value) || inexact) {
      throw new StrictJsonError('number_out_of_range')
    }
    return value
  }
}

/** A control character, or the text that ended inside a string. */
function refusedCharacter(code: number): StrictJsonError {
  return new StrictJsonError(code === 0 ? 'forbidden_character' : 'not_json')
}

/** Only strings with a backslash come here: JSON.parse knows the escapes, and an escape may spell what we refuse raw. */
function readEscapes(quoted: string): string {
  let value: string
  try {
    value = JSON.parse(quoted)
  } catch {
    throw new StrictJsonError('not_json')
  }
  if (value.includes('\0') || !value.isWellFormed()) throw new StrictJsonError('forbidden_character')
  return value
}
