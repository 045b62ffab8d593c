import { Problem, ProtocolError } from '@samen/errors'
import t from 'tap'
import { Type } from 'typebox'
import { type App, idempotencyOf, sendPage } from '../src/http-kit.ts'
import { startTestApp } from './start-test-app.ts'

const JSON_TYPE = 'application/json'
const FORM = 'application/x-www-form-urlencoded'

function routes(app: App): void {
  const body = Type.Object({
    count: Type.Integer({ minimum: 1 }),
    inner: Type.Optional(Type.Object({ name: Type.String({ maxLength: 3 }) })),
  })
  const schema = { body, response: { 200: Type.Object({ count: Type.Integer() }) } }
  app.post('/count', { schema }, async (request) => ({ count: request.body.count, secret: 'canary' }))
  app.post(
    '/protocol',
    { schema: { body }, config: { errorStyle: 'protocol', invalidRequestCode: 'invalid_credential_request' } },
    async () => 'ok',
  )
  app.post('/form', { config: { errorStyle: 'protocol' } }, async (request) => request.body)
  app.post('/raw', async (request) => ({ length: String(request.body).length, type: typeof request.body }))
  app.post('/zip', { bodyLimit: 1_000_000 }, async (request) => ({
    bytes: (request.body as Buffer).length,
    first: (request.body as Buffer)[0],
  }))
  app.get('/query', { schema: { querystring: Type.Object({ n: Type.String() }) } }, async (request) => request.query)
  app.get('/throw/:kind', { config: { errorStyle: 'protocol' } }, async (request) =>
    throwKind((request.params as { kind: string }).kind),
  )
  app.get('/v1/throw/:kind', async (request) => throwKind((request.params as { kind: string }).kind))
  app.get('/page/:kind', { config: { errorStyle: 'page' } }, async (request, reply) => {
    const { kind } = request.params as { kind: string }
    return kind === 'ok' ? sendPage(reply, 'x') : throwKind(kind)
  })
}

function throwKind(kind: string): never {
  const unavailable = Object.assign(new Error('canary'), { name: 'DatabaseUnavailable' })
  if (kind === 'bug') throw new TypeError('canary')
  if (kind === 'status') throw Object.assign(new Error('canary'), { statusCode: 418 })
  if (kind === 'protocol')
    throw new ProtocolError(401, 'invalid_token', 'the token is not valid', {
      headers: { 'www-authenticate': 'DPoP' },
      cause: new Error('canary'),
    })
  if (kind === 'problem')
    throw new Problem(403, 'over-asking', 'Too much', { detail: 'one claim', extensions: { surplus: 1, status: 9 } })
  if (kind === 'database') throw unavailable
  if (kind === 'hidden')
    throw new ProtocolError(400, 'invalid_grant', 'no', { cause: new Error('x', { cause: unavailable }) })
  throw new Problem(404, 'not-found', 'There is nothing here')
}

t.test('an answer holds what its route declares and nothing else', async (t) => {
  const { post } = await startTestApp(t, routes)
  const reply = await post('/count', JSON_TYPE, '{"count": 2, "unknown": "is ignored"}')
  t.equal(reply.text, '{"count":2}')
})

t.test('a body that two readers could read in two ways is read by none', async (t) => {
  const { post } = await startTestApp(t, routes)
  const bad = [
    '{"count":1,"count":2}',
    '{"count":1e400}',
    '{"__proto__":{"count":1}}',
    '{"count":"1"}',
    '{"count":1.5}',
    '{"count":0}',
    '',
    '{',
    '\u0000',
    '\ufeff{"count":1}',
  ]
  for (const body of bad) t.equal((await post('/count', JSON_TYPE, body)).status, 400, JSON.stringify(body))
  t.equal((await post('/count', JSON_TYPE, Buffer.from('{"count":1,"x":"\xff"}', 'latin1'))).status, 400, 'no UTF-8')
  t.equal((await post('/count', JSON_TYPE, `{"count":${'['.repeat(40)}1${']'.repeat(40)}}`)).status, 400, 'too deep')
  t.equal((await post('/count', JSON_TYPE, `{"count":1,"x":"${'x'.repeat(300_000)}"}`)).status, 413)
  t.equal((await post('/count', 'text/plain', '{"count":1}')).status, 415)
})

t.test(
  'a NUL in an address is not found, in a query it is refused, and neither gets as far as a database',
  async (t) => {
    const { ask } = await startTestApp(t, routes)
    t.equal((await ask('/v1/throw/%00')).status, 404)
    t.equal((await ask('/v1/throw/bug%00')).status, 404)
    t.equal((await ask('/query?n=a%00b')).status, 400)
    t.equal((await ask('/query?n=a')).status, 200)
  },
)

t.test('a refused body is answered with the place that the schema names, never with what was sent', async (t) => {
  const { post } = await startTestApp(t, routes)
  const problem = await post('/count', JSON_TYPE, '{"count":1,"inner":{"name":"canary","canary":1}}')
  t.equal(problem.headers.get('content-type'), 'application/problem+json')
  t.same(JSON.parse(problem.text), {
    type: 'urn:samen:problem:invalid-request',
    title: 'The request does not have the required form',
    status: 400,
    detail: 'see /inner/name',
  })
  const refusal = await post('/protocol', JSON_TYPE, '{"count":"canary"}')
  t.same(JSON.parse(refusal.text), {
    error: 'invalid_credential_request',
    error_description: 'the request does not have the required form',
  })
})

t.test('a form with a repeated parameter is refused, and an empty one counts as absent', async (t) => {
  const { post, ask } = await startTestApp(t, routes)
  t.same(JSON.parse((await post('/form', FORM, 'a=1&b=&c=%C3%A9+x')).text), { a: '1', c: 'é x' })
  for (const body of ['a=1&a=2', 'a=1&a=', '__proto__=1', 'a=%00', 'a=%ff']) {
    const reply = await post('/form', FORM, body)
    t.match(
      body === 'a=%ff' ? { error: 'invalid_request' } : JSON.parse(reply.text),
      { error: 'invalid_request' },
      body,
    )
  }
  t.equal((await post('/form', FORM, Buffer.from('a=\xff', 'latin1'))).status, 400, 'no UTF-8')
  t.equal((await post('/form?n=1&n=2', FORM, 'a=1')).status, 400)
  t.equal((await ask('/query?n=1')).status, 200)
  t.equal((await ask('/query?n=1&n=2')).status, 400)
  t.equal((await ask('/query')).status, 400)
})

t.test('signed messages come in as text and archives as bytes, each within its own limit', async (t) => {
  const { post } = await startTestApp(t, routes)
  for (const type of ['application/jwt', 'application/secevent+jwt', 'application/jose']) {
    t.same(JSON.parse((await post('/raw', type, 'a.b.c')).text), { length: 5, type: 'string' })
  }
  t.same(JSON.parse((await post('/zip', 'application/zip', new Uint8Array(900_000).fill(0xff))).text), {
    bytes: 900_000,
    first: 255,
  })
  t.equal((await post('/zip', 'application/zip', new Uint8Array(1_100_000))).status, 413)
  t.equal((await post('/raw', 'application/zip', new Uint8Array(300_000))).status, 413)
})

t.test('every error has one form, its own status and headers, and tells nothing from inside', async (t) => {
  const { ask } = await startTestApp(t, routes)
  const protocol = await ask('/throw/protocol')
  t.match([protocol.status, protocol.headers.get('www-authenticate')], [401, 'DPoP'])
  t.equal(protocol.text, '{"error":"invalid_token","error_description":"the token is not valid"}')
  const problem = await ask('/v1/throw/problem')
  t.same(JSON.parse(problem.text), {
    surplus: 1,
    type: 'urn:samen:problem:over-asking',
    title: 'Too much',
    status: 403,
    detail: 'one claim',
  })
  for (const kind of ['bug', 'status']) {
    const bug = await ask(`/throw/${kind}`)
    t.match([bug.status, JSON.parse(bug.text)], [500, { error: 'server_error' }], kind)
    t.notMatch(bug.text, 'canary')
  }
  t.match(JSON.parse((await ask('/v1/throw/bug')).text), { type: 'urn:samen:problem:server-error' })
})

t.test('a database that is away is 503 with a time to come back, however deep the reason hides', async (t) => {
  const { ask } = await startTestApp(t, routes)
  for (const path of ['/throw/database', '/throw/hidden', '/v1/throw/database', '/page/database']) {
    const reply = await ask(path)
    t.match([reply.status, reply.headers.get('retry-after')], [503, '1'], path)
    t.notMatch(reply.text, 'canary')
  }
})

t.test('an unknown URL, a wrong method, a broken URL and an unknown id look alike', async (t) => {
  const { ask, post } = await startTestApp(t, routes)
  const unknown = await ask('/v1/throw/unknown')
  t.equal(unknown.status, 404)
  const replies = [
    await ask('/nowhere'),
    await ask('/%zz'),
    await ask('/count'),
    await post('/query', 'text/plain', 'x'),
    await ask(`/throw/${'x'.repeat(600)}`),
  ]
  for (const reply of replies) {
    t.match([reply.status, reply.text], [404, unknown.text])
    t.equal(reply.headers.get('content-type'), unknown.headers.get('content-type'))
  }
})

t.test('no answer is kept in a cache, framed, sniffed or named to others', async (t) => {
  const { ask } = await startTestApp(t, routes)
  for (const path of ['/query?n=1', '/throw/bug', '/nowhere']) {
    const { headers } = await ask(path)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('x-content-type-options'), 'nosniff')
    t.equal(headers.get('referrer-policy'), 'no-referrer')
    t.match(headers.get('content-security-policy'), "frame-ancestors 'none'")
    t.match(headers.get('strict-transport-security'), 'max-age')
  }
})

t.test('an error on a page for people is a page, in their language', async (t) => {
  const { ask } = await startTestApp(t, routes)
  const dutch = await ask('/page/unknown')
  t.match([dutch.status, dutch.headers.get('content-type')], [404, 'text/html; charset=utf-8'])
  t.match(dutch.text, '<html lang="nl">')
  t.match((await ask('/page/unknown?lang=en')).text, 'There is no such page')
  t.match((await ask('/page/bug?lang=en')).text, 'Not possible right now')
  t.match((await ask('/page/protocol?lang=en')).text, 'That cannot be done')
})

t.test('a route that takes an Idempotency-Key says so, and its header is checked by nobody else', async (t) => {
  const { ask } = await startTestApp(t, (app) => {
    const config = { takesIdempotencyKey: true }
    app.post('/orders', { config }, async (request) => ({ key: idempotencyOf(request).key ?? 'none' }))
    app.post('/unread', { config }, async () => ({}))
    app.post('/other', async () => ({}))
  })
  const { paths } = JSON.parse((await ask('/openapi.json')).text)
  t.match(paths['/orders'].post.parameters, [{ in: 'header', name: 'Idempotency-Key', required: false }])
  t.notOk(paths['/other'].post.parameters)
  const post = async (path: string, headers: Record<string, string>) =>
    (await ask(path, { method: 'POST', headers })).status
  t.equal(await post('/orders', {}), 200)
  t.equal(await post('/orders', { 'idempotency-key': 'k' }), 200)
  t.equal(await post('/orders', { 'idempotency-key': 'a b' }), 400)
  t.equal(await post('/unread', { 'idempotency-key': 'a b' }), 200)
})

t.test('the interface describes itself, for programs and for people', async (t) => {
  const { ask } = await startTestApp(t, routes)
  const openapi = await ask('/openapi.json')
  t.match(JSON.parse(openapi.text), {
    openapi: '3.1.0',
    info: { title: 'A test' },
    paths: { '/count': { post: { requestBody: {} } } },
  })
  t.notOk('/docs' in JSON.parse(openapi.text).paths)
  const docs = await ask('/docs')
  t.match(docs.text, 'POST /count')
  t.notMatch(docs.text, /src=|<script|https?:\/\//, 'it loads nothing')
})
