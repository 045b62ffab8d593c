import t from 'tap'
import { holdsNationalNumber } from './national-number.ts'

t.test('recognises a BSN however it is written', async (t) => {
  for (const text of [
    '111222333',
    '{bsn:111222333}',
    '1112.22.333',
    '111-222-333',
    '{lls:4711},{x:123456782}',
    '１１１２２２３３３',
  ])
    t.ok(holdsNationalNumber(text), 'a number that passes the elfproef')
})

t.test('recognises an onderwijsnummer, which leaves five', async (t) => {
  // 9·1 + 8·0 + 7·1 + 6·2 + 5·3 + 4·4 + 3·5 + 2·6 - 4 = 82, and 82 mod 11 = 5
  t.ok(holdsNationalNumber('101234564'))
})

t.test('leaves other numbers alone', async (t) => {
  for (const text of ['', '99ZA00', '111222334', '12345678', '1112223334', '000000000', '0611122233'])
    t.notOk(holdsNationalNumber(text), text)
})
