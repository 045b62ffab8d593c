import type { Language } from '@samen/http-kit'

const LOCALES = { nl: 'nl-NL', en: 'en-GB' } as const
const UNITS = {
  nl: { Y: ['jaar', 'jaar'], M: ['maand', 'maanden'], W: ['week', 'weken'], D: ['dag', 'dagen'] },
  en: { Y: ['year', 'years'], M: ['month', 'months'], W: ['week', 'weeks'], D: ['day', 'days'] },
} as const

/** A day as people write it; in: YYYY-MM-DD or an instant. */
export function readableDay(lang: Language, day: string | Date): string {
  const at = typeof day === 'string' && day.length === 10 ? new Date(`${day}T12:00:00Z`) : new Date(day)
  return new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'long', timeZone: 'Europe/Amsterdam' }).format(at)
}

/** A moment as people write it, Dutch time; `medium` with seconds. */
export function readableMoment(lang: Language, at: string | Date, timeStyle: 'short' | 'medium'): string {
  const style = { dateStyle: 'long', timeStyle, timeZone: 'Europe/Amsterdam' } as const
  return new Intl.DateTimeFormat(LOCALES[lang], style).format(new Date(at))
}

/** A purpose's retention (`P1Y`, `P30D`) in words; the text itself when it has another form. */
export function readableDuration(lang: Language, duration: string): string {
  const [, count = '', unit = ''] = /^P(\d+)([YMWD])$/.exec(duration) ?? []
  if (unit === '') return duration
  const [one, more] = UNITS[lang][unit as 'Y' | 'M' | 'W' | 'D']
  return `${count} ${count === '1' ? one : more}`
}
