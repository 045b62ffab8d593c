import type { Source } from './sources.ts'

const FUNCTION = /^export (?:(?:async )?function\*?|class) (\w+)|^export const (\w+) = (?:async )?(?:\(|<)/

/** Exported functions and classes that do not say what they give: `path: name`. An overload is told about once. */
export function findUndocumented(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const told = new Set<string>()
    const lines = text.split('\n')
    return lines.flatMap((line, index) => {
      const [, named, constant] = FUNCTION.exec(line) ?? []
      const name = named ?? constant
      if (name === undefined) return []
      if (lines[index - 1]?.endsWith('*/')) told.add(name)
      return told.has(name) ? [] : [`${path}: ${name}`]
    })
  })
}
