import t from 'tap'
import { createVerifierApp } from '../src/app.ts'
import { dumpRows } from './support/database.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, deps } = network
const app = await network.addApp('rekenrijk')
const path = `/v1/apps/${app.slug}/webhooks`
const add = (url: string, headers: Record<string, string> = {}) =>
  call('POST', path, { key: app.apiKey, json: { url }, headers })
const list = async () => (await call('GET', path, { key: app.apiKey })).body.webhooks
const remove = (id: string) => call('DELETE', `${path}/${id}`, { key: app.apiKey })

t.test('an event never goes to an address inside a network, which is said when it is registered', async (t) => {
  const urls = [
    'ftp://app.example/',
    'not a url',
    'http://app.example/',
    'https://user:secret@app.example/',
    'https://app.example/#x',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1:8443/',
    'https://192.168.1.1/',
    'https://[fd00::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://0x0a000001/',
  ]
  for (const url of urls) t.equal((await add(url)).status, 400, url)
  const production = createVerifierApp({ ...deps, urlPolicy: { mode: 'production', allowedHosts: [] } })
  t.teardown(() => production.close())
  for (const url of ['http://127.0.0.1:8080/', 'https://127.0.0.1/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/']) {
    const headers = { authorization: `Bearer ${app.apiKey}` }
    const { statusCode } = await production.inject({ method: 'POST', url: path, headers, payload: { url } })
    t.equal(statusCode, 400, `${url} in production`)
  }
  t.same(await list(), [])
})

t.test('an app has at most ten addresses, sees them, and removes them', async (t) => {
  const added = await Promise.all(Array.from({ length: 14 }, (_, n) => add(`https://app.example/${n}`)))
  t.equal(added.filter(({ status }) => status === 201).length, 10)
  t.ok(added.every(({ status, body }) => status === 201 || body.type === 'urn:samen:problem:too-many-webhooks'))
  const webhooks = await list()
  t.equal(webhooks.length, 10)
  t.same(Object.keys(webhooks[0]), ['id', 'url', 'created_at'], 'without its secret')
  t.equal((await remove(webhooks[0].id)).status, 204)
  t.equal((await remove(webhooks[0].id)).status, 404)
  t.equal((await list()).length, 9)
  t.equal((await add('https://app.example/again', { 'idempotency-key': 'k' })).status, 201)
  t.equal((await add('https://app.example/again', { 'idempotency-key': 'k' })).status, 201, 'the same one')
  t.equal((await list()).length, 10)
  t.match(await dumpRows(network.superuserUrl), /webhook\.removed/)
})
