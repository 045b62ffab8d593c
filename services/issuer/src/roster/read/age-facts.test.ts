import t from 'tap'
import { ageFacts, guardiansDecideUntil, isBirthDate, isCalendarDate } from './age-facts.ts'

const TODAY = '2026-11-24'

t.test('a pupil is over 12 from the birthday on, not a day earlier', async (t) => {
  t.same(ageFacts('2014-11-25', TODAY), { '12': false, '13': false, '16': false, '18': false })
  t.same(ageFacts('2014-11-24', TODAY), { '12': true, '13': false, '16': false, '18': false })
  t.same(ageFacts('2008-11-24', TODAY), { '12': true, '13': true, '16': true, '18': true })
})

t.test('someone born on 29 February is a year older on 1 March', async (t) => {
  t.equal(ageFacts('2012-02-29', '2025-02-28')['13'], false)
  t.equal(ageFacts('2012-02-29', '2025-03-01')['13'], true)
  t.equal(ageFacts('2012-02-29', '2028-02-29')['16'], true)
})

t.test('only days of the calendar are dates', async (t) => {
  t.ok(isCalendarDate('2024-02-29'))
  for (const text of ['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', '', '2026-01-01T00:00:00Z'])
    t.notOk(isCalendarDate(text), text)
})

t.test('nobody is born tomorrow or before 1900', async (t) => {
  t.ok(isBirthDate(TODAY, TODAY))
  t.notOk(isBirthDate('2026-11-25', TODAY))
  t.notOk(isBirthDate('1899-12-31', TODAY))
})

t.test('guardians decide until the school year ends', async (t) => {
  t.equal(guardiansDecideUntil('2016-05-04', '2027-07-31', TODAY, 'po'), '2027-07-31')
})

t.test('a sixteenth birthday within the year ends it a month early, and says no birthday', async (t) => {
  t.equal(guardiansDecideUntil('2011-03-17', '2027-07-31', TODAY, 'vo'), '2027-02-28')
})

t.test('from sixteen the pupil decides alone', async (t) => {
  t.equal(guardiansDecideUntil('2010-11-24', '2027-07-31', TODAY, 'vo'), undefined)
  t.equal(guardiansDecideUntil('2009-01-01', '2027-07-31', TODAY, 'vo'), undefined)
})

t.test('without a birth date only a primary school knows that nobody is sixteen', async (t) => {
  t.equal(guardiansDecideUntil(undefined, '2027-07-31', TODAY, 'po'), '2027-07-31')
  t.equal(guardiansDecideUntil(undefined, '2027-07-31', TODAY, 'vo'), undefined)
})
