import t from 'tap'
import { commitments, grow } from '../test/grow-log.ts'
import { appendBatch, treeRoot } from './append-batch.ts'
import { EMPTY_ROOT, leafHash, rootOf } from './merkle-tree.ts'
import { edgeTiles, tilePath } from './tile-path.ts'

const entries = commitments(65_800)
const hashes = entries.map(leafHash)
const plainRoot = (size: number) => rootOf(hashes.slice(0, size))
const slice = (count: number, from = 0) => entries.slice(from, from + count)

t.test('however the entries arrive, the root is the one of RFC 6962', async (t) => {
  const ways = [[1], [255], [256], [257], [1, 1, 1], [200, 200, 200], [256, 256], [1000, 24], [65_000, 500, 300]]
  for (const batches of ways) {
    const size = batches.reduce((sum, count) => sum + count)
    t.equal(grow(batches, slice).root.toString('hex'), plainRoot(size).toString('hex'), batches.join(' + '))
  }
})

t.test('the root can be found again from the stored edge alone', async (t) => {
  for (const size of [0, 1, 255, 256, 300, 65_536]) {
    const { tiles, root } = grow(size === 0 ? [] : [size], slice)
    const edge = new Map(edgeTiles(size).map((id) => [tilePath(id), tiles.get(tilePath(id)) as Buffer]))
    t.ok(treeRoot({ size, tiles: edge }).equals(root), `${size} entries`)
  }
})

t.test('only what is new is written, and only the edge is read', async (t) => {
  const before = grow([600])
  const edge = new Map(edgeTiles(600).map((id) => [tilePath(id), before.tiles.get(tilePath(id)) as Buffer]))
  t.same([...edge.keys()], ['tile/entries/002.p/88', 'tile/0/002.p/88', 'tile/1/000.p/2'])
  const after = appendBatch({ size: 600, tiles: edge }, commitments(200, 600))
  t.equal(after.size, 800)
  t.ok(after.root.equals(plainRoot(800)))
  t.same(
    [...after.tiles.keys()],
    ['tile/entries/002', 'tile/entries/003.p/32', 'tile/0/002', 'tile/0/003.p/32', 'tile/1/000.p/3'],
  )
  t.equal(after.tiles.get('tile/0/002')?.length, 256 * 32)
})

t.test('a bundle holds the entries themselves, each with its length', async (t) => {
  const { tiles } = grow([2, 1])
  const expected = commitments(3).map((entry) => Buffer.concat([Buffer.of(0, 32), entry]))
  t.same(tiles.get('tile/entries/000.p/3'), Buffer.concat(expected))
})

t.test('an empty batch changes nothing', async (t) => {
  const { tiles, root } = grow([300])
  const same = appendBatch({ size: 300, tiles }, [])
  t.ok(same.root.equals(root))
  t.same([same.size, same.tiles.size], [300, 0])
  t.ok(appendBatch({ size: 0, tiles: new Map() }, []).root.equals(EMPTY_ROOT))
})

t.test('a log whose edge is missing or damaged does not grow', async (t) => {
  const { tiles } = grow([300])
  const without = (path: string) => new Map([...tiles].filter(([key]) => key !== path))
  for (const path of edgeTiles(300).map(tilePath)) {
    t.throws(() => appendBatch({ size: 300, tiles: without(path) }, commitments(1)), { code: 'missing_tile' }, path)
    const short = new Map([...tiles, [path, (tiles.get(path) as Buffer).subarray(1)]])
    t.throws(() => appendBatch({ size: 300, tiles: short }, commitments(1)), { code: 'malformed_tile' }, path)
  }
  t.throws(() => appendBatch({ size: 300, tiles }, [Buffer.alloc(31)]), { code: 'malformed_leaf' })
})
