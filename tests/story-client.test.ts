import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type Answered, createClient } from '../scripts/story/client.ts'

/** A service that answers what the test says. */
async function startService(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('the desk asks again when a node that has just come up says when, and is not taken for two', async (t) => {
  const keys: unknown[] = []
  const url = await startService(t, (request, reply) => {
    keys.push(request.headers['idempotency-key'])
    reply.writeHead(keys.length === 1 ? 503 : 201, { 'retry-after': '1' }).end()
  })
  const told: Answered[] = []
  const { status } = await createClient((answered) => told.push(answered)).call('POST', url, { json: {}, expect: 201 })
  t.equal(status, 201)
  t.same(
    told.map((answered) => answered.status),
    [503, 201],
    'both answers are shown',
  )
  t.equal(new Set(keys).size, 1, 'under one idempotency key')
})

t.test('a service that is not there is named, with where to look', async (t) => {
  const url = await startService(t, (request) => void request.socket.destroy())
  await t.rejects(
    createClient(() => undefined).call('GET', url, { expect: 200 }),
    /was not answered: look at the log of that service/,
  )
})

t.test('it gives up at once when nobody says when, or says too late', async (t) => {
  const client = createClient(() => undefined)
  for (const headers of [{}, { 'retry-after': '60' }, { 'retry-after': 'soon' }]) {
    const url = await startService(t, (_request, reply) => void reply.writeHead(503, headers).end())
    await t.rejects(client.call('GET', url, { expect: 200 }), /answered 503, not 200/)
    t.equal((await client.call('GET', url, { expect: 503 })).status, 503, 'who expects a refusal gets it')
  }
})
