import t from 'tap'
import { edgeTiles, readTilePath, tilePath, tileWidth } from './tile-path.ts'

const named = {
  'tile/0/000': { level: 0, index: 0, width: 256 },
  'tile/0/000.p/1': { level: 0, index: 0, width: 1 },
  'tile/63/255.p/255': { level: 63, index: 255, width: 255 },
  'tile/1/x001/x234/067': { level: 1, index: 1_234_067, width: 256 },
  'tile/0/x001/000': { level: 0, index: 1000, width: 256 },
  'tile/entries/x999/999.p/12': { level: 'entries', index: 999_999, width: 12 },
} as const

t.test('every tile has one path', async (t) => {
  for (const [path, id] of Object.entries(named)) {
    t.equal(tilePath(id), path)
    t.same(readTilePath(path), id)
  }
})

t.test('anything else is nobody’s path', async (t) => {
  const wrong = [
    'tile/0/0',
    'tile/0/00',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/entrie/000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/999',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/../../etc/passwd',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
    'checkpoint',
  ]
  for (const path of wrong) t.equal(readTilePath(path), undefined, path)
})

t.test('a tree of 70,000 entries has the tiles that the specification counts', async (t) => {
  t.equal(tileWidth(70_000, 0, 272), 256)
  t.equal(tileWidth(70_000, 0, 273), 112)
  t.equal(tileWidth(70_000, 0, 274), 0)
  t.equal(tileWidth(70_000, 1, 0), 256)
  t.equal(tileWidth(70_000, 1, 1), 17)
  t.equal(tileWidth(70_000, 2, 0), 1)
  t.equal(tileWidth(70_000, 3, 0), 0)
  t.equal(tileWidth(70_000, 'entries', 273), 112)
  t.same(edgeTiles(70_000).map(tilePath), [
    'tile/entries/273.p/112',
    'tile/0/273.p/112',
    'tile/1/001.p/17',
    'tile/2/000.p/1',
  ])
  t.same(edgeTiles(256).map(tilePath), ['tile/1/000.p/1'], 'full tiles are not at the edge')
  t.same(edgeTiles(0), [])
  for (const size of [-1, 1.5, Number.NaN]) t.throws(() => edgeTiles(size))
})
