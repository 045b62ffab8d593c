import t from 'tap'
import { findUndocumented } from './find-undocumented.ts'
import { readSources } from './sources.ts'

t.test('every function that a file gives to others says what it does', async (t) => {
  const ours = readSources().filter(({ path }) => !/\.(test|fixture)\.ts$|\/test\/|^tests\//.test(path))
  t.ok(ours.length > 300, 'the sources were really read')
  t.same(findUndocumented(ours), [])
})

t.test('a function that says nothing is found, in whatever form it is written', async (t) => {
  for (const text of [
    'export function open() {}',
    '// a remark\nexport async function open() {}',
    'export const open = async (db: Db) => db',
    'export const open = <T>(what: T) => what',
    'export class open {}',
  ]) {
    t.same(findUndocumented([{ path: 'a.ts', text }]), ['a.ts: open'], text)
  }
  const overloaded = '/** Opens. */\nexport function open(a: string): string\nexport function open(a: number): number'
  t.same(findUndocumented([{ path: 'a.ts', text: overloaded }]), [])
})
