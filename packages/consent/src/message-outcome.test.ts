import t from 'tap'
import { messageOutcome } from './message-outcome.ts'

const outcome = (status: number, body: unknown = {}) =>
  messageOutcome({ status, body: typeof body === 'string' ? body : JSON.stringify(body) })

t.test('a message is delivered when it was taken, now or before', async (t) => {
  t.equal(outcome(201), 'delivered')
  t.equal(outcome(409, { error: 'already_received' }), 'delivered')
})

t.test('a refusal of what it says is final', async (t) => {
  t.equal(outcome(400, { error: 'invalid_request' }), 'rejected')
  t.equal(outcome(400, { err: 'invalid_request' }), 'rejected')
  t.equal(outcome(409, { error: 'already_registered' }), 'rejected')
})

t.test('what may pass later is sent again', async (t) => {
  t.equal(outcome(400, { error: 'authentication_failed' }), 'again', 'a clock that is off')
  t.equal(outcome(403, { error: 'access_denied' }), 'again', 'not a member yet')
  t.equal(outcome(400, { err: 'access_denied' }), 'again', 'the same in the words for Security Event Tokens')
  t.equal(outcome(503, { error: 'temporarily_unavailable' }), 'again')
  for (const body of [
    '<html>"error":"already_received"',
    'null',
    '[]',
    '"x"',
    '{"error":1}',
    '{"error":"a","error":"b"}',
  ]) {
    t.equal(outcome(400, body), 'again', body)
    t.equal(outcome(409, body), 'again', body)
  }
})
