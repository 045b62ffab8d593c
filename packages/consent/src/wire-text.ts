import { ProtocolError } from '@samen/errors'
import { Type } from 'typebox'

/** 128 random bits, base64url: handles, purpose ids, message ids. */
export const RandomId = Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' })
export const Sha256Text = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
export const EntityId = Type.String({ pattern: '^https?://[^\\s?#]{1,500}$', maxLength: 512 })
export const CalendarDate = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })
export const Instant = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3})?Z$',
})
/** Whole years, months, weeks or days: RFC3339 durations as far as a parent can read them. */
export const Duration = Type.String({ pattern: '^P(?:[1-9][0-9]{0,2}[YMWD])$' })

/**
 * What no page shows: control, format (bidirectional, zero-width, tags), private and unassigned characters, halves of one, separators of
 * lines and paragraphs, and the letters that have no ink.
 */
const HIDDEN = '\\p{C}\\p{Zl}\\p{Zp}\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u2800\\u3164\\uffa0'
const hidden = new RegExp(`[${HIDDEN}]`, 'gu')

/** Text that people read before they decide. With hidden characters a page would show another sentence than the one that was signed. */
export const plainText = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: `^(?!\\p{Zs})[^${HIDDEN}]+(?<!\\p{Zs})$` })

/** A name that somebody gives itself, without what would hide or reorder text on a page. */
export function withoutHidden(text: string): string {
  return text.replaceAll(hidden, '').trim()
}

/** The schema of a text for people, in Dutch and in English, each so long at most. */
export const bothLanguages = (maxLength: number) =>
  Type.Object({ nl: plainText(maxLength), en: plainText(maxLength) }, { additionalProperties: false })

/** True for `YYYY-MM-DD` that is a day of the calendar (so not 2026-02-30). */
export function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** The one refusal for a message whose member has not the agreed shape; names the member's path, never its value. */
export function malformed(member: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    400,
    'invalid_request',
    `the member ${member} of the message does not have the agreed shape`,
    { cause },
  )
}
