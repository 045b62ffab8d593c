import t from 'tap'
import { readReceipt } from './receipt.ts'
import { readWithdrawal, withdrawalEvents } from './withdrawal-notice.ts'

const handle = 'a'.repeat(22)
const receipt = {
  handle,
  purpose_id: handle,
  purpose_version: 1,
  school: 'https://issuer.example/schools/linde',
  until: '2026-02-28',
  status: { status_list: { uri: 'https://registry.example/consent-lists/1', idx: 7 } },
  binding_salt: handle,
  binding: 'b'.repeat(43),
}

t.test('a message whose last day is on no calendar is refused, and not tried again for ever', async (t) => {
  t.same(readReceipt(receipt), receipt)
  t.same(readWithdrawal(withdrawalEvents({ handle, delete_by: '2028-02-29' })).delete_by, '2028-02-29')
  for (const day of ['2026-02-29', '2026-02-30', '2026-13-01', '2026-00-10', '2026-04-31']) {
    const invalid = { status: 400, code: 'invalid_request' }
    t.throws(() => readReceipt({ ...receipt, until: day }), invalid, day)
    t.throws(() => readWithdrawal(withdrawalEvents({ handle, delete_by: day })), invalid, day)
  }
})
