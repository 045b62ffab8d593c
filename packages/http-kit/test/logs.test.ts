import { ProtocolError } from '@samen/errors'
import t from 'tap'
import { createLogger } from '../src/http-kit.ts'
import { startTestApp } from './start-test-app.ts'

const CANARY = 'Sanne-canary-4711'

t.test('at debug level no log line shows what anybody sent, or the text of an error', async (t) => {
  const { ask, post, lines } = await startTestApp(t, (app) => {
    app.post('/ok/:id', async (request) => {
      request.log.info({ body: request.body, headers: request.headers }, 'got')
      return { ok: true }
    })
    app.get('/throw/:kind', async (request) => {
      const { kind } = request.params as { kind: string }
      if (kind === 'bug')
        throw new Error(`bug ${CANARY}`, { cause: Object.assign(new Error(CANARY), { detail: CANARY, code: '23505' }) })
      if (kind === 'name')
        throw Object.assign(new Error(`x\n    at ${CANARY} (file:///x.ts:1:1)`), {
          name: `${CANARY} <`,
          code: `${CANARY} <`,
        })
      if (kind === 'text') throw CANARY
      if (kind === 'stack') throw withOldStack()
      throw new ProtocolError(400, 'invalid_grant', 'no', { cause: new Error(CANARY) })
    })
  })
  const headers = {
    authorization: `Bearer ${CANARY}`,
    cookie: `a=${CANARY}`,
    'x-request-id': CANARY,
    'content-type': 'application/json',
  }
  await ask(`/ok/${CANARY}?q=${CANARY}`, { method: 'POST', headers, body: JSON.stringify({ name: CANARY }) })
  await post('/ok/1', 'application/json', `{"${CANARY}`)
  await post('/ok/1', `text/${CANARY}`, CANARY)
  for (const kind of ['bug', 'name', 'text', 'stack', 'protocol']) await ask(`/throw/${kind}?q=${CANARY}`)
  await ask(`/${CANARY}`)
  await ask(`/%zz${CANARY}`)
  const text = lines.join('')
  t.notMatch(text, CANARY)
  t.match(text, '"route":"/ok/:id","status":200', 'but what happened is there')
  t.match(text, '"code":"23505"')
  t.match(text, '"code":"invalid_grant"')
  t.match(text, 'logs.test.ts:', 'and where')
})

/** An error whose stack still tells the message that it had before. */
function withOldStack(): Error {
  const error = new Error(CANARY)
  if (error.stack?.includes(CANARY)) error.message = 'another message'
  return error
}

t.test('a service can log codes and counts, and nothing else by accident', async (t) => {
  const lines: string[] = []
  const log = createLogger({ name: 'test', level: 'info', stream: { write: (line) => void lines.push(line) } })
  log.info({ queue: 'notice', count: 3, pupil: CANARY, status: { name: CANARY } } as never, 'sent')
  log.error({ err: new Error(CANARY) }, `failed: ${CANARY}`)
  log.error({ err: new Error(CANARY) }, undefined as never)
  log.info(new Error(CANARY) as never, 'an odd call')
  log.debug({ count: 1 }, 'too fine')
  t.equal(lines.length, 4)
  t.notMatch(lines.join(''), CANARY)
  t.match(JSON.parse(lines[0] ?? ''), { level: 30, name: 'test', queue: 'notice', count: 3, msg: 'sent' })
  t.match(JSON.parse(lines[1] ?? ''), { level: 50, err: { type: 'Error' }, msg: 'an error' })
})
