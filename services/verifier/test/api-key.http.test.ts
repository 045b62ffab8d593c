import t from 'tap'
import { dumpRows } from './support/database.ts'
import { startNetwork } from './support/verifier.ts'

const network = await startNetwork(t)
const { call, clock } = network
const app = await network.addApp('rekenrijk')
const path = `/v1/apps/${app.slug}/api-keys`
const add = (key = app.apiKey, headers: Record<string, string> = {}) => call('POST', path, { key, headers })
const list = async (key: string) => (await call('GET', path, { key })).body.api_keys
const revoke = (id: string, key: string) => call('DELETE', `${path}/${id}`, { key })

t.test('an app exchanges its key: the new one works, the old one does not any more', async (t) => {
  const [old] = await list(app.apiKey)
  const made = await add()
  t.equal(made.status, 201)
  const fresh = made.body.api_key
  t.same((await list(fresh)).map(({ id }: { id: string }) => id).sort(), [old.id, made.body.id].sort())
  t.equal((await revoke(old.id, fresh)).status, 204)
  clock.advance(5)
  t.equal((await call('GET', path, { key: app.apiKey })).status, 401)
  t.equal((await list(fresh)).length, 1)
  t.equal((await revoke(old.id, fresh)).status, 404, 'revoked before')
  const last = await revoke(made.body.id, fresh)
  t.same([last.status, last.body.type], [409, 'urn:samen:problem:last-key'])
  const dump = await dumpRows(network.superuserUrl)
  t.match(dump, /api-key\.added/)
  t.match(dump, /api-key\.revoked/)
  t.notMatch(dump, fresh)
})

t.test('of two keys that revoke each other at the same moment one stays', async (t) => {
  const other = await network.addApp('leesvonk')
  const theirs = `/v1/apps/${other.slug}/api-keys`
  const { body: second } = await call('POST', theirs, { key: other.apiKey })
  const { body } = await call('GET', theirs, { key: other.apiKey })
  await call('GET', theirs, { key: second.api_key })
  const first = body.api_keys.find(({ id }: { id: string }) => id !== second.id)
  const replies = await Promise.all([
    call('DELETE', `${theirs}/${second.id}`, { key: other.apiKey }),
    call('DELETE', `${theirs}/${first.id}`, { key: second.api_key }),
  ])
  t.same(replies.map(({ status }) => status).sort(), [204, 409])
})

t.test('the same Idempotency-Key makes one key, and there are at most ten', async (t) => {
  const third = await network.addApp('zonder')
  const theirs = `/v1/apps/${third.slug}/api-keys`
  const headers = { 'idempotency-key': 'once' }
  const [one, two] = [
    await call('POST', theirs, { key: third.apiKey, headers }),
    await call('POST', theirs, { key: third.apiKey, headers }),
  ]
  t.same(one.body, two.body)
  const more = await Promise.all(Array.from({ length: 12 }, () => call('POST', theirs, { key: third.apiKey })))
  t.equal(more.filter(({ status }) => status === 201).length, 8)
})
