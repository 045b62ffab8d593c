import t from 'tap'
import { asDatabaseError, DatabaseUnavailable } from './database-unavailable.ts'

t.test('a database that is away, full, busy or failing over is a reason to try again', async (t) => {
  for (const code of [
    'ECONNREFUSED',
    'ECONNRESET',
    '08006',
    '53300',
    '57P01',
    '57014',
    '40001',
    '40P01',
    '55P03',
    '25006',
  ]) {
    const cause = Object.assign(new Error('Key (name)=(Sanne) exists'), { code })
    const error = asDatabaseError(cause)
    t.ok(error instanceof DatabaseUnavailable, code)
    t.notMatch(String(error), 'Sanne')
  }
  t.ok(asDatabaseError(new Error('Connection terminated unexpectedly')) instanceof DatabaseUnavailable)
  t.ok(
    asDatabaseError(new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])) instanceof
      DatabaseUnavailable,
  )
})

t.test('a broken rule or a wrong statement is not', async (t) => {
  for (const code of ['23505', '42P01', '22P02', '42501']) {
    const cause = Object.assign(new Error('x'), { code })
    t.equal(asDatabaseError(cause), cause, code)
  }
  t.equal(asDatabaseError('thrown text'), 'thrown text')
})
