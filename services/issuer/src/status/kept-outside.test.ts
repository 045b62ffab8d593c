import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readKeptFile, replaceKeptFile } from '@samen/sealing'
import t from 'tap'
import { openDatabaseMark } from './database-mark.ts'
import { openPublishedBits } from './published-bits.ts'

t.test('many processes that write one mark at the same moment leave one of theirs, whole', async (t) => {
  const directory = t.testdir()
  const file = openDatabaseMark(join(directory, 'database-mark'))
  const marks = Array.from({ length: 20 }, (_, i) => ({ identity: 'x'.repeat(i * 100), process: 'p', noted: i + 1 }))
  t.equal(await file.read(), undefined)
  await Promise.all(marks.map((mark) => file.write(mark)))
  const left = await file.read()
  t.ok(marks.some((mark) => JSON.stringify(mark) === JSON.stringify(left)))
  t.same(readdirSync(directory), ['database-mark'], 'and nothing else')
  t.equal(statSync(join(directory, 'database-mark')).mode & 0o077, 0)
})

t.test('a mark that says something else stops the start', async (t) => {
  const path = join(t.testdir(), 'database-mark')
  await replaceKeptFile(path, '{"identity":"a"}', 'owner')
  await t.rejects(openDatabaseMark(path).read(), /damaged/)
})

t.test('what was published as revoked is only ever added to', async (t) => {
  const directory = join(t.testdir(), 'published-lists')
  const bits = openPublishedBits(directory)
  t.equal(await bits.read('list'), undefined)
  await bits.add('list', Buffer.of(0, 0))
  t.equal(await readKeptFile(join(directory, 'list')), undefined, 'a list without revocations needs no file')
  await bits.add('list', Buffer.of(1, 0))
  await bits.add('list', Buffer.of(0, 2))
  t.same(await bits.read('list'), Buffer.of(1, 2))
  await bits.forget('list')
  await bits.forget('list')
  t.equal(await bits.read('list'), undefined)
})
