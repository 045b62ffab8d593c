const YEAR_GROUPS = new Set(['1', '2', '3', '4', '5', '6', '7', '8', '11', '12', '13', '14', '15', '16', 'S', 'V'])

/**
 * The year of a pupil in the codes that Dutch schools agreed on: 1 to 8 (primary), 11 to 16 (secondary), S and V (special
 * education). `grades` is a OneRoster list; undefined when it is empty or names several years (a combination group: then the
 * pupil's own row must tell), 'unreadable' when it holds another code.
 */
export function readYearGroup(grades: string): string | undefined | 'unreadable' {
  const codes = grades
    .split(',')
    .flatMap((item) => (item.trim() === '' ? [] : [item.trim().replace(/^0(?=[1-8]$)/, '')]))
  if (codes.some((code) => !YEAR_GROUPS.has(code))) return 'unreadable'
  return new Set(codes).size === 1 ? codes[0] : undefined
}
