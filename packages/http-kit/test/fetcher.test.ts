import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createFetcher, FetchError } from '../src/http-kit.ts'

async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function open(t: Test, totalMs = 5_000) {
  const fetcher = createFetcher({ mode: 'development', allowedHosts: [], totalMs })
  t.teardown(() => fetcher.close())
  return fetcher
}

const refusal = (refused: Promise<unknown>): Promise<unknown> =>
  refused.then(
    () => 'no refusal',
    (error) => error,
  )

t.test('a document is fetched, and a message delivered whatever the answer', async (t) => {
  const url = await serve(t, async (request, response) => {
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
    response.writeHead(request.method === 'GET' ? 200 : 409, { 'content-type': 'Application/JSON; charset=utf-8' })
    response.end(
      JSON.stringify({
        got: Buffer.concat(chunks).toString(),
        type: request.headers['content-type'],
        accept: request.headers.accept,
      }),
    )
  })
  const fetcher = open(t)
  t.same(JSON.parse(await fetcher.getText(url, { accept: 'application/json' })), {
    got: '',
    accept: 'application/json',
  })
  const reply = await fetcher.post(url, { contentType: 'application/jwt', body: 'a.b.c' })
  t.equal(reply.status, 409)
  t.match(JSON.parse(reply.body), { got: 'a.b.c', type: 'application/jwt' })
})

t.test('a redirect, an error and another media type are no document', async (t) => {
  const url = await serve(t, (request, response) => {
    const status = Number(request.url?.slice(1))
    response.writeHead(status, { location: 'http://127.0.0.1:1/', 'content-type': 'text/html' }).end('x')
  })
  const fetcher = open(t)
  t.match(await refusal(fetcher.getText(`${url}/302`, { accept: '*/*' })), { code: 'bad-status', status: 302 })
  t.match(await refusal(fetcher.getText(`${url}/500`, { accept: '*/*' })), { code: 'bad-status', status: 500 })
  t.match(await refusal(fetcher.getText(`${url}/200`, { accept: 'application/json' })), { code: 'bad-content' })
  t.equal(await fetcher.getText(`${url}/200`, { accept: 'text/html' }), 'x')
})

t.test('an answer without end in size or time is cut off', async (t) => {
  let sent = 0
  const url = await serve(t, async (request, response) => {
    response.writeHead(200, {
      'content-type': 'text/plain',
      ...(request.url === '/announced' && { 'content-length': '2000000' }),
    })
    for (let closed = false; !closed; ) {
      response.once('close', () => {
        closed = true
      })
      response.write(Buffer.alloc(request.url === '/drip' ? 1 : 100_000))
      sent += 100_000
      await sleep(request.url === '/drip' ? 20 : 1)
    }
  })
  const fetcher = open(t, 400)
  t.match(await refusal(fetcher.getText(`${url}/endless`, { accept: '*/*' })), { code: 'too-large' })
  t.ok(sent < 20_000_000, 'the connection was closed')
  t.match(await refusal(fetcher.getText(`${url}/announced`, { accept: '*/*' })), { code: 'too-large' })
  t.match(await refusal(fetcher.getText(`${url}/drip`, { accept: '*/*' })), { code: 'timeout' })
  t.match(await refusal(fetcher.post(`${url}/endless`, { contentType: 'text/plain', body: '' })), { code: 'too-large' })
})

t.test('bytes that are no text, and nobody at home, are errors that name nothing', async (t) => {
  const url = await serve(
    t,
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.of(0xff)),
  )
  const fetcher = open(t)
  t.match(await refusal(fetcher.getText(url, { accept: '*/*' })), { code: 'bad-content' })
  const nobody = await refusal(fetcher.getText('http://127.0.0.1:1/canary', { accept: '*/*' }))
  t.ok(nobody instanceof FetchError)
  t.match(nobody, { code: 'unreachable' })
  t.notMatch(String(nobody), 'canary')
  t.match(await refusal(fetcher.getText('https://10.0.0.1/', { accept: '*/*' })), { code: 'address-refused' })
  t.match(await refusal(createFetcher({ mode: 'production', allowedHosts: [] }).getText(url, { accept: '*/*' })), {
    code: 'url-refused',
  })
  t.match(
    await refusal(
      createFetcher({ mode: 'production', allowedHosts: [] }).getText(
        url.replace('http:', 'https:').replace('127.0.0.1', 'localhost'),
        { accept: '*/*' },
      ),
    ),
    { code: 'address-refused' },
  )
})

t.test('a message that was taken is taken, whatever the answer says about it', async (t) => {
  const url = await serve(t, async (request, response) => {
    await Array.fromAsync(request as AsyncIterable<Buffer>)
    const [, kind] = request.url?.split('/') ?? []
    const headers = { 'content-type': 'text/html', ...(kind === 'long' && { 'content-length': '3000000' }) }
    response.writeHead(kind === 'refused' ? 410 : 200, headers)
    if (kind === 'empty') response.end()
    else if (kind === 'long') response.end(Buffer.alloc(3_000_000, 'x'))
    else if (kind === 'endless') response.write('never ends')
    else response.end(Buffer.of(0xe9, 0xff))
  })
  const fetcher = open(t, 1_500)
  const message = { contentType: 'application/json', body: '{}' }
  for (const kind of ['latin-1', 'empty', 'long', 'endless']) {
    for (let time = 0; time < 20; time += 1) t.equal(await fetcher.deliver(`${url}/${kind}`, message), 200, kind)
  }
  t.equal(await fetcher.deliver(`${url}/refused`, message), 410)
  t.match(await refusal(fetcher.deliver('http://127.0.0.1:1/', message)), { code: 'unreachable' })
})

t.test('one host gets at most eight requests at once, and the same document is asked for once', async (t) => {
  const state = { running: 0, most: 0, total: 0 }
  const url = await serve(t, async (_request, response) => {
    state.total++
    state.most = Math.max(state.most, ++state.running)
    await sleep(30)
    state.running--
    response.writeHead(200, { 'content-type': 'text/plain' }).end('x')
  })
  const fetcher = open(t)
  const same = await Promise.all(Array.from({ length: 20 }, () => fetcher.getText(`${url}/same`, { accept: '*/*' })))
  t.equal(same.length, 20)
  t.equal(state.total, 1)
  await Promise.all(Array.from({ length: 40 }, (_, index) => fetcher.getText(`${url}/${index}`, { accept: '*/*' })))
  t.equal(state.most, 8)
  const crowd = await Promise.allSettled(
    Array.from({ length: 120 }, (_, index) => fetcher.getText(`${url}/${index}`, { accept: '*/*' })),
  )
  t.equal(
    crowd.filter(({ status }) => status === 'rejected').length,
    12,
    'eight run, a hundred wait, others are refused at once',
  )
  t.equal(state.running, 0)
  await fetcher.getText(`${url}/after`, { accept: '*/*' })
})
