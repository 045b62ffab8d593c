import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startService } from '../src/http-kit.ts'
import { createTestApp, startTestApp } from './start-test-app.ts'

t.test(
  'a full service says at once that it is full, keeps its health page, and takes requests again afterwards',
  async (t) => {
    const gates: (() => void)[] = []
    const { ask } = await startTestApp(
      t,
      (app) => {
        app.get('/slow', async () => {
          await new Promise<void>((open) => gates.push(open))
          return 'done'
        })
        app.get('/healthz', { config: { admission: 'always' } }, async () => ({ status: 'ok' }))
      },
      { maxInFlight: 2 },
    )
    const admitted = [ask('/slow'), ask('/slow')]
    while (gates.length < 2) await sleep(5)
    const refused = await Promise.all([ask('/slow'), ask('/slow'), ask('/nowhere')])
    for (const { status, headers } of refused) t.match([status, headers.get('retry-after')], [503, '1'])
    t.equal((await ask('/healthz')).status, 200)
    for (const open of gates) open()
    t.same(
      (await Promise.all(admitted)).map(({ status }) => status),
      [200, 200],
    )
    t.equal((await ask('/nowhere')).status, 404)
  },
)

t.test('a client that goes away gives its place back when a request may take no longer', async (t) => {
  const { ask, baseUrl } = await startTestApp(t, (app) => void app.get('/never', () => new Promise(() => undefined)), {
    maxInFlight: 1,
    requestTimeoutMs: 300,
  })
  const leaving = new AbortController()
  const left = fetch(`${baseUrl}/never`, { signal: leaving.signal }).catch(() => 'left')
  while ((await ask('/nowhere')).status !== 503) await sleep(5)
  leaving.abort()
  t.equal(await left, 'left')
  while ((await ask('/nowhere')).status === 503) await sleep(5)
  t.pass('the place is free')
})

t.test('clients that send their bodies byte by byte hold no place of the others', async (t) => {
  const { ask, baseUrl } = await startTestApp(t, (app) => void app.post('/read', async () => 'read'), {
    maxInFlight: 4,
  })
  const { hostname, port } = new URL(baseUrl)
  const slow = Array.from({ length: 20 }, () => connect({ host: hostname, port: Number(port) }))
  t.teardown(() => slow.forEach((socket) => void socket.destroy()))
  const head = 'POST /read HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{'
  await Promise.all(slow.map((socket) => new Promise((sent) => socket.write(head, sent))))
  await sleep(50)
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  t.equal((await ask('/read', post)).status, 200)
})

t.test('a request that takes too long is ended with 503', async (t) => {
  const { ask } = await startTestApp(t, (app) => void app.get('/slow', () => sleep(500, 'late')), {
    requestTimeoutMs: 50,
  })
  const { status, headers } = await ask('/slow')
  t.match([status, headers.get('retry-after')], [503, '1'])
})

t.test('stopping finishes what is in flight, then runs the stop list in order, once', async (t) => {
  const order: string[] = []
  const step = (name: string) => async () => {
    await sleep(10)
    order.push(name)
  }
  const app = createTestApp()
  app.get('/slow', async () => {
    order.push('asked')
    await step('answered')()
    return 'done'
  })
  const service = await startService(app, {
    host: '127.0.0.1',
    port: 0,
    stop: [step('jobs'), step('database')],
    signals: false,
  })
  t.teardown(service.stop)
  const reply = fetch(`${service.address}/slow`)
  while (order.length === 0) await sleep(1)
  await Promise.all([service.stop(), service.stop()])
  t.same(order, ['asked', 'answered', 'jobs', 'database'])
  t.equal(await (await reply).text(), 'done')
  await t.rejects(fetch(`${service.address}/slow`))
})

t.test('on SIGTERM a service finishes its requests and ends with code 0, or 1 when something failed', async (t) => {
  const stopped = await runService(`async () => process.stdout.write('jobs stopped\\n')`)
  t.match(stopped, { reply: 'done', code: 0 })
  t.match(stopped.output, 'jobs stopped')
  const failed = await runService(`async () => { throw new Error('canary') }`)
  t.match(failed, { reply: 'done', code: 1 })
  t.notMatch(failed.output, 'canary')
})

async function runService(stop: string) {
  const program = `
    import { createApp, startService } from ${JSON.stringify(new URL('../src/http-kit.ts', import.meta.url).href)}
    const logger = { level: 'error' }
    const openapi = { title: 't', description: 'd' }
    const app = createApp({ name: 'test', mode: 'production', logger, maxInFlight: 9, requestTimeoutMs: 5_000, openapi })
    app.get('/slow', async () => {
      process.stdout.write('in flight\\n')
      await new Promise((done) => setTimeout(done, 300))
      return 'done'
    })
    const { address } = await startService(app, { host: '127.0.0.1', port: 0, stop: [${stop}], signals: true })
    process.stdout.write(address + '\\n')`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text
    })
  }
  while (!output.includes('http://')) await sleep(10)
  const reply = fetch(`${/http:\S+/.exec(output)?.[0]}/slow`).then((answer) => answer.text())
  while (!output.includes('in flight')) await sleep(10)
  child.kill('SIGTERM')
  return { reply: await reply, code: (await ended)[0], output }
}
