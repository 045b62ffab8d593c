import { posix } from 'node:path'
import { readImports, withoutComments } from './read-imports.ts'
import type { Source } from './sources.ts'

/**
 * Files that import each other in a circle: none of them can be read, or loaded, first. Types do not count, since nothing of them runs.
 * Returns one circle a line, `a → b → a`.
 */
export function findCycles(sources: readonly Source[]): string[] {
  const graph = new Map(sources.map(({ path, text }) => [path, targetsOf(path, text)]))
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) cycles.push([...trail.slice(at), path].join(' → '))
    if (at >= 0 || done.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

function targetsOf(path: string, text: string): string[] {
  return readImports(withoutComments(text))
    .filter(({ name, isType }) => !isType && name.startsWith('.'))
    .map(({ name }) => posix.join(posix.dirname(path), name))
}
