import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { until } from '@samen/test-kit'
import t, { type Test } from 'tap'
import { startJobs } from '../src/jobs.ts'
import { queueEvent } from '../src/webhook/queue-event.ts'
import { findTenant, startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, deps } = network

async function addWebhooks(slug: string, urls: readonly string[]) {
  const { apiKey } = await network.addApp(slug)
  for (const url of urls) await call('POST', `/v1/apps/${slug}/webhooks`, { key: apiKey, json: { url } })
  const tenant = await findTenant(deps, slug)
  return async (events: number) => {
    await deps.db.forTenant(slug).transaction(async (tx) => {
      for (let sent = 0; sent < events; sent += 1) {
        await queueEvent(deps, tx, tenant, { type: 'consent.given', data: { consent: String(sent) } })
      }
    })
  }
}

/** An address at which everything is taken and nothing answered. */
async function swallowing(t: Test) {
  const state = { taken: 0 }
  const server = createServer((socket) => {
    state.taken += 1
    socket.on('error', () => undefined).resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state }
}

async function answering(t: Test, answer: Buffer) {
  const got: string[] = []
  const server = createHttpServer((request, response) => {
    got.push(String(request.headers['webhook-id']))
    request.resume().on('end', () => response.writeHead(200).end(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

t.test('an app whose addresses swallow every event holds up no event of another app', async (t) => {
  const dead = await swallowing(t)
  const alive = await answering(t, Buffer.from('ok'))
  const toDead = await addWebhooks(
    'swallows',
    Array.from({ length: 10 }, (_, n) => `${dead.url}/${n}`),
  )
  const toAlive = await addWebhooks('answers', [alive.url])
  await toDead(20)
  await startJobs(deps)
  await until('the first were sent', () => dead.state.taken > 0)
  await toAlive(5)
  await until('all five arrived', () => alive.got.length === 5)
  t.ok(dead.state.taken < 50, 'before even a quarter of the two hundred was tried that came first')
})

t.test('an event that the app took is not sent again, whatever the app says about it', async (t) => {
  const app = await answering(t, Buffer.of(0xe9, 0xff))
  const send = await addWebhooks('latin', [app.url])
  await send(1)
  await until('it arrived', () => app.got.length === 1)
  await new Promise((later) => setTimeout(later, 3_000))
  t.equal(app.got.length, 1)
})
