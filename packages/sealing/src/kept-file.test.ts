import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readKeptFile, replaceKeptFile } from './kept-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'samen-kept-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

t.test('a file that is not there yet is nothing; then it holds what was put there last', async (t) => {
  const file = join(folder, 'new', 'mark')
  t.equal(await readKeptFile(file), undefined)
  await replaceKeptFile(file, 'one', 'owner')
  await replaceKeptFile(file, Buffer.from('two'), 'owner')
  t.equal((await readKeptFile(file))?.toString(), 'two')
  t.equal(statSync(file).mode & 0o777, 0o600)
  await replaceKeptFile(join(folder, 'public', 'anchor'), 'x', 'everybody')
  t.equal(statSync(join(folder, 'public', 'anchor')).mode & 0o777, 0o644)
})

t.test('many that write at once leave one whole content and nothing else', async (t) => {
  const file = join(folder, 'many', 'mark')
  const contents = Array.from({ length: 30 }, (_, index) => `${index} `.repeat(2_000))
  await Promise.all(contents.map((content) => replaceKeptFile(file, content, 'owner')))
  t.ok(contents.includes((await readKeptFile(file))?.toString() ?? ''))
  t.same(readdirSync(join(folder, 'many')), ['mark'])
})

t.test('what cannot be read is an error, not nothing', async (t) => {
  await t.rejects(readKeptFile(folder))
})
