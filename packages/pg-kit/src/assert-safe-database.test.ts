import t from 'tap'
import { assertSafeSettings } from './assert-safe-database.ts'

const NOW = Date.parse('2026-11-24T10:00:00Z')
const SAFE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', mighty: false, now: new Date(NOW) }
const ASKED = { before: NOW, after: NOW + 10 }

t.test('a node starts on a database that keeps its promises', async (t) => {
  assertSafeSettings(SAFE, ASKED)
  assertSafeSettings({ ...SAFE, synchronous_commit: 'remote_apply', now: new Date(NOW + 4_900) }, ASKED)
  t.pass('no refusal')
})

t.test('a node does not start on a database that may forget what it acknowledged', async (t) => {
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) {
    t.throws(() => assertSafeSettings({ ...SAFE, [name]: 'off' }, ASKED), new RegExp(`${name} off`))
  }
})

t.test('a node does not start as a role that sees the rows of all schools', async (t) => {
  t.throws(() => assertSafeSettings({ ...SAFE, mighty: true }, ASKED), /above row-level security/)
})

t.test('a node does not start when its clock and that of the database disagree by five seconds', async (t) => {
  for (const skew of [-5_000, 5_010]) {
    t.throws(() => assertSafeSettings({ ...SAFE, now: new Date(NOW + skew) }, ASKED), /clock/)
  }
})
