import type { AgeFacts } from '../pupil-facts.ts'

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** True for `YYYY-MM-DD` that is a day of the calendar (so not 2026-02-30). */
export function isCalendarDate(text: string): boolean {
  if (!DATE.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** True when the text is a date on which a pupil of today can have been born. `today` is `YYYY-MM-DD`. */
export function isBirthDate(text: string, today: string): boolean {
  return isCalendarDate(text) && text <= today && text >= '1900-01-01'
}

/** The four answers that take the place of a birth date. Someone born on 29 February grows older on 1 March (BW 1:2). */
export function ageFacts(birthDate: string, today: string): AgeFacts {
  const isOver = (years: number) => birthdayInYear(birthDate, Number(birthDate.slice(0, 4)) + years) <= today
  return { '12': isOver(12), '13': isOver(13), '16': isOver(16), '18': isOver(18) }
}

/**
 * The last day on which guardians decide for this pupil, or undefined when the pupil decides alone already (from 16).
 * The end of the school year, or when the sixteenth birthday falls within it the end of the month before: an exact day would
 * be the birthday that nobody was told. Without a birth date only a sector in which nobody is 16 gives an answer.
 */
export function guardiansDecideUntil(
  birthDate: string | undefined,
  schoolYearEnd: string,
  today: string,
  sector: 'po' | 'vo' | 'so' | 'vso',
): string | undefined {
  if (birthDate === undefined) return sector === 'po' || sector === 'so' ? schoolYearEnd : undefined
  const sixteenth = birthdayInYear(birthDate, Number(birthDate.slice(0, 4)) + 16)
  if (sixteenth > schoolYearEnd) return schoolYearEnd
  const last = endOfMonthBefore(sixteenth)
  return last >= today ? last : undefined
}

function birthdayInYear(birthDate: string, year: number): string {
  const day = `${String(year).padStart(4, '0')}${birthDate.slice(4)}`
  return isCalendarDate(day) ? day : `${day.slice(0, 4)}-03-01`
}

function endOfMonthBefore(date: string): string {
  const last = new Date(`${date.slice(0, 7)}-01T00:00:00Z`)
  last.setUTCDate(0)
  return last.toISOString().slice(0, 10)
}
