import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { hashSecret, openOperatorKey } from './sealing.ts'

const directory = mkdtempSync(join(tmpdir(), 'samen-operator-'))
t.teardown(() => rmSync(directory, { recursive: true }))

t.test('the first start makes a key that only its owner can read, and every later one finds it', async (t) => {
  const file = join(directory, 'data', 'operator-key')
  const hash = openOperatorKey(file)
  const key = readFileSync(file, 'utf8')
  t.match(key, /^[A-Za-z0-9_-]{43}\n$/)
  t.same(hash, hashSecret(key.trim()))
  t.same(openOperatorKey(file), hash)
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.same(readdirSync(join(directory, 'data')), ['operator-key'])
})

t.test('a key of the operator own making is taken, if it is long and private', async (t) => {
  const file = join(directory, 'own')
  writeFileSync(file, `  ${'k'.repeat(32)}\n`, { mode: 0o600 })
  t.same(openOperatorKey(file), hashSecret('k'.repeat(32)))
  const expected = { name: 'SealingError', code: 'unusable_operator_key' }
  chmodSync(file, 0o644)
  t.throws(() => openOperatorKey(file), expected, 'others can read it')
  writeFileSync(join(directory, 'short'), 'k'.repeat(31), { mode: 0o600 })
  t.throws(() => openOperatorKey(join(directory, 'short')), expected, 'too short')
  writeFileSync(join(directory, 'empty'), '', { mode: 0o600 })
  t.throws(() => openOperatorKey(join(directory, 'empty')), expected, 'empty')
})

t.test('other trouble with the file is told as it is', async (t) => {
  t.throws(() => openOperatorKey(directory), { code: 'EISDIR' })
})
