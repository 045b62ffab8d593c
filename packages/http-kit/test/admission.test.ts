import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startTestApp } from './start-test-app.ts'

/** An app with two places whose work takes a while, and the most that was done at once. */
async function busyApp(t: Test, work: () => Promise<unknown>, requestTimeoutMs = 5_000) {
  const state = { running: 0, most: 0, begun: 0 }
  const handler = async () => {
    state.begun++
    state.most = Math.max(state.most, ++state.running)
    try {
      return await work()
    } finally {
      state.running--
    }
  }
  const routes: Parameters<typeof startTestApp>[1] = (app) => {
    app.get('/work', handler)
    app.post('/work', handler)
    app.get('/quick', async () => 'quick')
  }
  return { state, ...(await startTestApp(t, routes, { maxInFlight: 2, requestTimeoutMs })) }
}

const GET = 'GET /work HTTP/1.1\r\nhost: x\r\n\r\n'
const POST = 'POST /work HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'

/** Sends a request, and hangs up at once or a moment later. */
async function hangUp(baseUrl: string, request: string, afterMs: number): Promise<void> {
  const { hostname: host, port } = new URL(baseUrl)
  const socket = connect({ host, port: Number(port) }).on('error', () => undefined)
  await new Promise((sent) => socket.write(request, sent))
  await sleep(afterMs)
  socket.destroy()
}

t.test(
  'a stranger who asks and hangs up, again and again, starts no more work than the service has places',
  async (t) => {
    const { state, ask, baseUrl } = await busyApp(t, () => sleep(20))
    for (let round = 0; round < 20; round += 1) {
      const ten = Array.from({ length: 10 }, (_, index) => hangUp(baseUrl, index % 2 ? GET : POST, index % 3))
      await Promise.all(ten)
    }
    t.ok(state.begun > 2, 'work was begun')
    t.equal(state.most, 2)
    const bothAnswered = async () =>
      (await Promise.all([ask('/work'), ask('/work')])).every(({ status }) => status === 200)
    while (!(await bothAnswered())) await sleep(20)
    t.equal(state.most, 2, 'every place came back')
  },
)

t.test('the place of a client that went away is free again when its work is done, and not before', async (t) => {
  const gates: (() => void)[] = []
  const { ask, baseUrl } = await busyApp(t, () => new Promise<void>((open) => gates.push(open)))
  await Promise.all([hangUp(baseUrl, GET, 50), hangUp(baseUrl, POST, 50)])
  t.equal(gates.length, 2)
  t.equal((await ask('/quick')).status, 503, 'the work goes on')
  for (const open of gates) open()
  await sleep(5)
  t.equal((await ask('/quick')).status, 200)
})

t.test('work that never ends holds its place for as long as a request may take', async (t) => {
  const { ask, baseUrl } = await busyApp(t, () => new Promise(() => undefined), 200)
  await Promise.all([hangUp(baseUrl, GET, 50), hangUp(baseUrl, POST, 50)])
  t.equal((await ask('/quick')).status, 503)
  await sleep(250)
  t.equal((await ask('/quick')).status, 200)
})

t.test('work that fails gives its place back, too', async (t) => {
  const { ask } = await busyApp(t, () => Promise.reject(new Error('broken')))
  for (let time = 0; time < 5; time += 1) t.equal((await ask('/work')).status, 500)
})
