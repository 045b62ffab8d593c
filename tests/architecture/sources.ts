import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A source file. `path` is relative to the root, with forward slashes. */
export type Source = { readonly path: string; readonly text: string }

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every TypeScript source of the project, tests and scripts included. */
export function readSources(): Source[] {
  const folders = ['{packages,services}/*/{src,test}/**/*.ts', '{scripts,bench,tests}/**/*.ts']
  return globSync(folders, { cwd: root }).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(`${root}/${path}`, 'utf8'),
  }))
}
