import t from 'tap'
import { commitment, commitments, fetchFrom, grow } from '../test/grow-log.ts'
import { leafHash, rootOf } from './merkle-tree.ts'
import { proveConsistency, proveInclusion, readTiles } from './prove-from-tiles.ts'
import { verifyConsistency, verifyInclusion } from './verify-proofs.ts'

const hashes = commitments(1100).map(leafHash)
const rootAt = (size: number) => rootOf(hashes.slice(0, size))
const wrong = { code: 'invalid_proof' }
const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 7 ? byte ^ 1 : byte)))

t.test('every entry of a log is proved from its tiles', async (t) => {
  for (const size of [1, 2, 3, 7, 8, 255, 256, 257, 600, 1100]) {
    const log = grow([size])
    const tiles = readTiles(size, fetchFrom(log))
    const indices = size < 300 ? [...hashes.keys()].slice(0, size) : [0, 1, 255, 256, 511, 512, size - 2, size - 1]
    for (const index of indices) {
      const proof = await proveInclusion(tiles, index)
      verifyInclusion({ index, size, leafHash: hashes[index] as Buffer, root: log.root }, proof)
    }
    t.pass(`${size} entries`)
  }
})

t.test('every earlier head is proved to be the beginning of the log', async (t) => {
  for (const newSize of [1, 2, 3, 7, 8, 13, 256, 257, 600, 1100]) {
    const tiles = readTiles(newSize, fetchFrom(grow([newSize])))
    const sizes =
      newSize < 20 ? [...Array(newSize + 1).keys()] : [0, 1, 6, 255, 256, 257, 511, 512, newSize - 1, newSize]
    for (const oldSize of sizes.filter((size) => size <= newSize)) {
      const claim = { oldSize, oldRoot: rootAt(oldSize), newSize, newRoot: rootAt(newSize) }
      verifyConsistency(claim, await proveConsistency(tiles, oldSize))
    }
    t.pass(`${newSize} entries`)
  }
})

t.test('the proofs of the eight known leaves have the known shape', async (t) => {
  const tiles = readTiles(7, fetchFrom(grow([7])))
  const span = (start: number, end: number) => rootOf(hashes.slice(start, end))
  t.same(await proveInclusion(tiles, 0), [span(1, 2), span(2, 4), span(4, 7)], 'RFC6962#section-2.1.3, d0')
  t.same(await proveInclusion(tiles, 6), [span(4, 6), span(0, 4)], 'j')
  t.same(await proveConsistency(tiles, 3), [span(2, 3), span(3, 4), span(0, 2), span(4, 7)], 'hash0')
  t.same(await proveConsistency(tiles, 4), [span(4, 7)], 'hash1')
  t.same(await proveConsistency(tiles, 6), [span(4, 6), span(6, 7), span(0, 4)], 'hash2')
})

t.test('a proof with anything changed, left out or added proves nothing', async (t) => {
  const size = 600
  const log = grow([size])
  const tiles = readTiles(size, fetchFrom(log))
  const claim = { index: 300, size, leafHash: leafHash(commitment(300)), root: log.root }
  const proof = await proveInclusion(tiles, 300)
  verifyInclusion(claim, proof)
  for (const [i, hash] of proof.entries()) t.throws(() => verifyInclusion(claim, proof.with(i, flip(hash))), wrong)
  t.throws(() => verifyInclusion(claim, proof.slice(1)), wrong)
  t.throws(() => verifyInclusion(claim, proof.slice(0, -1)), wrong)
  t.throws(() => verifyInclusion(claim, [...proof, log.root]), wrong)
  t.throws(() => verifyInclusion(claim, [log.root, ...proof]), wrong)
  t.throws(() => verifyInclusion({ ...claim, index: 301 }, proof), wrong)
  t.throws(() => verifyInclusion({ ...claim, index: size }, proof), wrong)
  t.throws(() => verifyInclusion({ ...claim, index: -1 }, proof), wrong)
  const last = { ...claim, index: size - 1, leafHash: leafHash(commitment(size - 1)) }
  const lastProof = await proveInclusion(tiles, size - 1)
  verifyInclusion(last, lastProof)
  t.throws(
    () => verifyInclusion({ ...last, index: size }, lastProof),
    wrong,
    'the last entry under a number that none has',
  )
  t.throws(() => verifyInclusion({ ...claim, size: size + 1000 }, proof), wrong)
  t.throws(() => verifyInclusion({ ...claim, leafHash: leafHash(commitment(301)) }, proof), wrong)
  t.throws(() => verifyInclusion({ ...claim, root: flip(log.root) }, proof), wrong)
  t.throws(() => verifyInclusion({ ...claim, leafHash: Buffer.alloc(31) }, proof), wrong)
})

t.test('a consistency proof with anything changed, left out or added proves nothing', async (t) => {
  const claim = { oldSize: 300, oldRoot: rootAt(300), newSize: 600, newRoot: rootAt(600) }
  const proof = await proveConsistency(readTiles(600, fetchFrom(grow([600]))), 300)
  verifyConsistency(claim, proof)
  for (const [i, hash] of proof.entries()) t.throws(() => verifyConsistency(claim, proof.with(i, flip(hash))), wrong)
  t.throws(() => verifyConsistency(claim, proof.slice(1)), wrong)
  t.throws(() => verifyConsistency(claim, proof.slice(0, -1)), wrong)
  t.throws(() => verifyConsistency(claim, [...proof, rootAt(1)]), wrong)
  t.throws(() => verifyConsistency(claim, proof.toSpliced(1, 0, rootAt(1))), wrong, 'a hash that nobody would look at')
  const fromPower = { ...claim, oldSize: 256, oldRoot: rootAt(256) }
  const powerProof = await proveConsistency(readTiles(600, fetchFrom(grow([600]))), 256)
  verifyConsistency(fromPower, powerProof)
  t.throws(() => verifyConsistency(fromPower, [rootAt(256), ...powerProof]), wrong, 'a hash that is known already')
  t.throws(() => verifyConsistency({ ...claim, oldRoot: rootAt(299) }, proof), wrong)
  t.throws(() => verifyConsistency({ ...claim, newRoot: rootAt(599) }, proof), wrong)
  t.throws(() => verifyConsistency({ ...claim, oldSize: 299 }, proof), wrong)
  t.throws(() => verifyConsistency({ ...claim, oldSize: 700, oldRoot: rootAt(700) }, proof), wrong, 'a log that shrank')
  const same = { ...claim, newSize: 300, newRoot: rootAt(300) }
  verifyConsistency(same, [])
  t.throws(() => verifyConsistency({ ...same, newRoot: rootAt(299) }, []), wrong, 'two heads of one size')
  t.throws(() => verifyConsistency({ ...claim, oldSize: 0 }, []), wrong, 'nothing has only one root')
  t.throws(() => verifyConsistency({ ...claim, oldSize: 256, oldRoot: rootAt(255) }, [rootAt(1), rootAt(2)]), wrong)
})

t.test('a tile is fetched once, and a full tile serves for the partial one that it was', async (t) => {
  const log = grow([600, 500])
  t.notOk(log.tiles.has('tile/0/002.p/10'))
  const fetched: string[] = []
  const tiles = readTiles(522, async (path) => {
    fetched.push(path)
    return log.tiles.get(path)
  })
  for (const index of [515, 516, 521, 3]) {
    verifyInclusion(
      { index, size: 522, leafHash: hashes[index] as Buffer, root: rootAt(522) },
      await proveInclusion(tiles, index),
    )
  }
  t.equal(fetched.filter((path) => path === 'tile/0/002.p/10').length, 1)
  t.equal(fetched.filter((path) => path === 'tile/0/002').length, 1)
})

t.test('a tile that is missing or has another length is not taken for a tree', async (t) => {
  const log = grow([600])
  const nothing = readTiles(600, async () => undefined)
  await t.rejects(proveInclusion(nothing, 1), { code: 'missing_tile' })
  const short = readTiles(600, async (path) => log.tiles.get(path)?.subarray(32))
  await t.rejects(proveInclusion(short, 1), { code: 'malformed_tile' })
  const odd = readTiles(600, async (path) => log.tiles.get(path)?.subarray(1))
  await t.rejects(proveInclusion(odd, 1), { code: 'malformed_tile' })
  const tiles = readTiles(600, fetchFrom(log))
  await t.rejects(proveInclusion(tiles, 600), { code: 'not_yet_logged', index: 600 })
  await t.rejects(proveConsistency(tiles, 601), { code: 'shortened_log' })
})
