import { parseJson } from '@samen/strict-json'
import { InvalidRequest } from './invalid-request.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a body. Bytes that are no UTF-8 are refused: two readers could take them for two texts. */
export function readText(body: Buffer): string {
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw new InvalidRequest('', cause)
  }
}

/** A JSON body through the strict reader. Throws `InvalidRequest`. */
export function readJson(body: Buffer): unknown {
  const text = readText(body)
  try {
    return parseJson(text, { maxBytes: body.length })
  } catch (cause) {
    throw new InvalidRequest('', cause)
  }
}

const MAX_PARAMETERS = 64
const FORBIDDEN_NAMES = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * A form body as an object of strings. A repeated parameter is refused and one without a value is left out,
 * RFC6749#section-3.2. Throws `InvalidRequest`.
 */
export function readForm(body: Buffer): Record<string, string> {
  const form: Record<string, string> = {}
  const seen = new Set<string>()
  for (const [name, value] of new URLSearchParams(readText(body))) {
    const refused = seen.has(name) || seen.size >= MAX_PARAMETERS || FORBIDDEN_NAMES.has(name) || value.includes('\0')
    if (refused) throw new InvalidRequest('')
    seen.add(name)
    if (value !== '') form[name] = value
  }
  return form
}
