import { readFileSync } from 'node:fs'
import t from 'tap'
import { EMPTY_ROOT, foldSubtrees, leafHash, nodeHash, rootOf } from './merkle-tree.ts'

const file = new URL('../../../tests/vectors/RFC6962/roots.json', import.meta.url)
const { leaves, roots } = JSON.parse(readFileSync(file, 'utf8')) as { leaves: string[]; roots: string[] }
const hashes = leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')))

t.test('the known trees have the known roots', async (t) => {
  for (const [n, root] of roots.entries()) t.equal(rootOf(hashes.slice(0, n)).toString('hex'), root, `${n} leaves`)
  t.equal(EMPTY_ROOT.toString('hex'), roots[0])
})

t.test('a leaf is never hashed like a node, so that no branch passes for an entry', async (t) => {
  const [a, b] = hashes as [Buffer, Buffer]
  t.notOk(leafHash(Buffer.concat([a, b])).equals(nodeHash(a, b)))
})

t.test('perfect subtrees side by side fold to the root of the whole', async (t) => {
  t.ok(foldSubtrees([]).equals(EMPTY_ROOT))
  const parts = [hashes.slice(0, 4), hashes.slice(4, 6), hashes.slice(6, 7)].map(rootOf)
  t.equal(foldSubtrees(parts).toString('hex'), roots[7])
})
