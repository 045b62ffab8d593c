import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { readSources, root } from './sources.ts'

const CITATION = /\b([A-Z][A-Z0-9]{1,8})#([A-Za-z][\w.-]*[\w])/g

function citations(text: string): { key: string; anchor: string }[] {
  return [...text.matchAll(CITATION)].map(([, key = '', anchor = '']) => ({ key, anchor }))
}

function anchorsOf(key: string): Set<string> {
  const file = `${root}/docs/specs/${key}.anchors`
  return new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [])
}

function unknownCitations(sources: readonly { path: string; text: string }[]): string[] {
  const pinned = new Map<string, Set<string>>()
  return sources.flatMap(({ path, text }) =>
    citations(text)
      .filter(({ key, anchor }) => {
        if (!pinned.has(key)) pinned.set(key, anchorsOf(key))
        return !pinned.get(key)?.has(anchor)
      })
      .map(({ key, anchor }) => `${path}: ${key}#${anchor}`),
  )
}

t.test('every clause that the code cites stands in the pinned list of that specification', async (t) => {
  const sources = readSources()
  t.ok(sources.flatMap(({ text }) => citations(text)).length > 100, 'the citations were really read')
  t.same(unknownCitations(sources), [])
})

t.test('every specification with pinned anchors is listed in docs/specs.md', async (t) => {
  const listed = readFileSync(`${root}/docs/specs.md`, 'utf8')
  const keys = new Set(readSources().flatMap(({ text }) => citations(text).map(({ key }) => key)))
  for (const key of keys) t.match(listed, new RegExp(`^\\| ${key} \\|`, 'm'), key)
})

// Not in one piece, since this file is read too.
const UNKNOWN = ['VCI', 'no-such-clause'].join('#')

t.test('a clause that does not exist is found', async (t) => {
  t.same(unknownCitations([{ path: 'a.ts', text: `// ${UNKNOWN}` }]), [`a.ts: ${UNKNOWN}`])
})
