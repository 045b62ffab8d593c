import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import t from 'tap'
import { root } from './sources.ts'

const DOCUMENTS = globSync(
  ['*.md', 'docs/**/*.md', '{packages,services}/*/README.md', 'infra/**/*.md', 'bench/README.md', 'tests/**/*.md'],
  { cwd: root, exclude: (path) => path.includes('node_modules') },
)
/** A file in backticks or in a link: `folder/name.ts`, [text](docs/adr/0001.md). */
const NAMED = /`([\w./{},*-]+\.(?:ts|mjs|sql|md|sh|yml|json))`|\]\(([^)#\s:]+)(?:#[\w-]*)?\)/g

/** Files that a running system makes, or that stand for any of their kind. */
const NOT_OURS =
  /^(public\/)?(openapi|trust-anchor|record|package|network|story|manifest)\.json$|^\/|\*|^noun|^verb|_name\.sql$/

t.test('every file that a document names is there', async (t) => {
  t.ok(DOCUMENTS.length > 25, 'the documents were really read')
  const missing = DOCUMENTS.flatMap((document) =>
    namesIn(readFileSync(`${root}/${document}`, 'utf8'))
      .filter((name) => !isThere(document, name))
      .map((name) => `${document}: ${name}`),
  )
  t.same(missing, [])
})

t.test('a file that was moved is missed', async (t) => {
  t.same(namesIn('see `src/gone.ts` and [that](docs/gone.md)'), ['src/gone.ts', 'docs/gone.md'])
  t.notOk(isThere('README.md', 'src/gone.ts'))
  t.ok(isThere('README.md', 'docs/specs.md'))
})

t.test('every service and every package says what it is for', async (t) => {
  for (const manifest of globSync('{packages,services}/*/package.json', { cwd: root })) {
    t.ok(existsSync(`${root}/${posix.dirname(manifest)}/README.md`), manifest)
  }
})

function namesIn(text: string): string[] {
  return [...text.matchAll(NAMED)].flatMap(([, ticked, linked]) => expand(ticked ?? linked ?? ''))
}

/** `a/{b,c}.ts` names two files. */
function expand(name: string): string[] {
  const braces = /^(.*)\{([^}]*)\}(.*)$/.exec(name)
  if (!braces) return [name]
  return (braces[2] ?? '').split(',').flatMap((each) => expand(`${braces[1]}${each}${braces[3]}`))
}

/** From the root, from the document's own folder or the sources in it, or, in a flow, from the sources of a service. */
function isThere(document: string, name: string): boolean {
  if (NOT_OURS.test(name)) return true
  const own = posix.dirname(document)
  const service = document.startsWith('docs/flows/') ? globSync('services/*/src', { cwd: root }) : []
  const folders = ['', own, `${own}/src`, `${own}/test`, ...service, ...service.map((each) => posix.dirname(each))]
  if (folders.some((folder) => existsSync(posix.join(root, folder, name)))) return true
  // A bare name is looked for anywhere below the document, or for one that speaks of all, anywhere.
  const below = own.startsWith('docs') || own === '.' ? '{packages,services,tests,scripts}' : own
  return !name.includes('/') && globSync(`${below}/**/${name}`, { cwd: root }).length > 0
}
