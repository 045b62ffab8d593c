import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Source } from './check-boundaries.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every TypeScript source of packages and services, tests included. */
export function readSources(): Source[] {
  const paths = globSync('{packages,services}/*/{src,test}/**/*.ts', { cwd: root })
  return paths.map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(`${root}/${path}`, 'utf8') }))
}
