/**
 * Searches bytes for many needles at once: one pass, a table over the first three bytes, then a comparison of the few candidates.
 * (Thousands of `includes` over hundreds of megabytes would take hours.)
 *
 * @param needles texts of at least three bytes
 * @returns a function that gives the distinct needles found in a buffer
 */
export function createSearch(needles: readonly string[]): (haystack: Buffer) => string[] {
  const starts = new Uint8Array(1 << 24)
  const candidates = new Map<number, { text: string; bytes: Buffer }[]>()
  for (const text of needles) {
    const bytes = Buffer.from(text)
    const start = ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
    starts[start] = 1
    candidates.set(start, [...(candidates.get(start) ?? []), { text, bytes }])
  }
  const foundAt = (haystack: Buffer, start: number, end: number) =>
    (candidates.get(start) ?? []).filter(({ bytes }) => {
      const first = end - 2
      return first + bytes.length <= haystack.length && bytes.compare(haystack, first, first + bytes.length) === 0
    })
  return (haystack) => {
    const found = new Set<string>()
    let window = 0
    for (let index = 0; index < haystack.length; index += 1) {
      window = ((window << 8) | (haystack[index] ?? 0)) & 0xff_ff_ff
      if (index < 2 || starts[window] === 0) continue
      for (const { text } of foundAt(haystack, window, index)) found.add(text)
    }
    return [...found]
  }
}
