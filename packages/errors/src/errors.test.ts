import t from 'tap'
import { Problem, ProtocolError } from './errors.ts'

t.test('a protocol refusal carries status, code, sentence and headers, and keeps the reason to itself', async (t) => {
  const cause = new Error('the pupil 4711 was not found')
  const refusal = new ProtocolError(401, 'invalid_token', 'the access token is not valid', {
    cause,
    headers: { 'www-authenticate': 'DPoP' },
  })
  t.ok(refusal instanceof Error)
  t.equal(refusal.status, 401)
  t.equal(refusal.code, 'invalid_token')
  t.equal(refusal.description, 'the access token is not valid')
  t.same(refusal.headers, { 'www-authenticate': 'DPoP' })
  t.equal(refusal.cause, cause)
  t.equal(refusal.name, 'ProtocolError')
  t.notMatch(refusal.message, '4711')
  t.notOk('cause' in new ProtocolError(400, 'invalid_request', 'the form is not readable'))
  t.same(new ProtocolError(400, 'invalid_request', 'the form is not readable').headers, {})
})

t.test('a problem names its type as a URI of ours', async (t) => {
  const problem = new Problem(403, 'over-asking', 'More was asked than the purpose allows', {
    detail: 'one claim is not part of the purpose',
    extensions: { surplus: 1 },
    headers: { 'retry-after': '1' },
    cause: 'hidden',
  })
  t.equal(problem.type, 'urn:samen:problem:over-asking')
  t.equal(problem.status, 403)
  t.equal(problem.title, 'More was asked than the purpose allows')
  t.equal(problem.detail, 'one claim is not part of the purpose')
  t.same(problem.extensions, { surplus: 1 })
  t.same(problem.headers, { 'retry-after': '1' })
  t.equal(problem.cause, 'hidden')
  const plain = new Problem(404, 'not-found', 'There is no such thing')
  t.equal(plain.detail, undefined)
  t.equal(plain.extensions, undefined)
  t.same(plain.headers, {})
  t.notOk('cause' in plain)
})
