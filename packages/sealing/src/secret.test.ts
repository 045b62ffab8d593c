import { createHash } from 'node:crypto'
import t from 'tap'
import { hashSecret, newSecret, pooledRandom } from './sealing.ts'

t.test('of a secret only its SHA-256 is stored', async (t) => {
  t.same(hashSecret('abc'), createHash('sha256').update('abc').digest())
  t.equal(hashSecret('abc').length, 32)
})

t.test('secrets are long, and never come twice', async (t) => {
  const secrets = Array.from({ length: 2000 }, () => newSecret())
  t.equal(new Set(secrets).size, 2000)
  t.ok(secrets.every((secret) => /^[A-Za-z0-9_-]{43}$/.test(secret)))
  t.match(newSecret(16), /^[A-Za-z0-9_-]{22}$/)
})

t.test('random bytes of every size are full, and what was handed out stays as it was', async (t) => {
  for (const size of [0, 1, 16, 32, 8191, 8192, 8193, 20_000]) t.equal(pooledRandom(size).length, size)
  const kept = Array.from({ length: 1000 }, () => pooledRandom(32))
  const copies = kept.map((bytes) => bytes.toString('hex'))
  for (let i = 0; i < 1000; i += 1) pooledRandom(32)
  t.same(
    kept.map((bytes) => bytes.toString('hex')),
    copies,
  )
  t.equal(new Set(copies).size, 1000)
  t.notOk(kept.some((bytes) => bytes.equals(Buffer.alloc(32))))
})
