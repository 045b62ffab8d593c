import t from 'tap'
import { type Findings, judgeDelivery, type Share } from './judge-delivery.ts'

const NONE: Share = { count: 0, of: 100 }
const findings = (missing: Partial<Findings['missing']>, gaps: Partial<Findings['gaps']> = {}): Findings => ({
  missing: { pupils: NONE, guardianships: NONE, classes: NONE, ages: NONE, ...missing },
  gaps: { pupils: NONE, guardians: NONE, enrolments: NONE, ages: NONE, ...gaps },
})

t.test('a twentieth may be missing, one more may not', async (t) => {
  t.same(judgeDelivery(findings({ pupils: { count: 5, of: 100 } })), [])
  t.same(judgeDelivery(findings({ pupils: { count: 6, of: 100 } })), ['missing.pupils'])
  t.same(judgeDelivery(findings({ guardianships: { count: 11, of: 200 } })), ['missing.guardianships'])
})

t.test('a family may leave a small school', async (t) => {
  t.same(judgeDelivery(findings({ pupils: { count: 2, of: 12 } })), [])
  t.same(judgeDelivery(findings({ pupils: { count: 3, of: 12 } })), ['missing.pupils'])
  t.same(judgeDelivery(findings({ pupils: { count: 0, of: 0 } })), [])
})

t.test('a tenth of the pupils may have a gap in the delivery, since nothing is taken away for it', async (t) => {
  t.same(judgeDelivery(findings({}, { ages: { count: 10, of: 100 } })), [])
  t.same(judgeDelivery(findings({}, { ages: { count: 11, of: 100 }, guardians: { count: 12, of: 100 } })), [
    'gaps.guardians',
    'gaps.ages',
  ])
})
