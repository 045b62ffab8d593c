import { sql } from '@samen/pg-kit'
import t from 'tap'
import { KOMPAS, openSchoolNode, type TestSchool } from './support/roster-node.ts'

const SCOPES = ['roster', 'agreements', 'offers', 'credentials']
const node = await openSchoolNode(t)
const school = await node.addSchool()
const other = await node.addSchool(KOMPAS)

function keys(
  method: 'GET' | 'POST' | 'DELETE',
  change: { of?: TestSchool; key?: string; id?: string; body?: object; headers?: Record<string, string> } = {},
) {
  const { of = school, key = of.apiKey, id, body, headers } = change
  return node.app.inject({
    method,
    url: `/v1/schools/${of.slug}/api-keys${id === undefined ? '' : `/${id}`}`,
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(body && { payload: body }),
  })
}

const add = async (scopes: readonly string[]) => (await keys('POST', { body: { scopes } })).json()
const listed = async (of = school) => (await keys('GET', { of })).json().api_keys

t.test('a school makes a key that may do less, and sees it once', async (t) => {
  const made = await keys('POST', { body: { scopes: ['roster'] } })
  t.equal(made.statusCode, 201)
  const { id, api_key: apiKey } = made.json()
  t.match(await listed(), [
    { id: String, scopes: SCOPES, created_at: String },
    { id, scopes: ['roster'], created_at: String },
  ])
  t.notMatch(JSON.stringify(await listed()), apiKey)
  const read = (path: string) =>
    node.app.inject({ url: `/v1/schools/${school.slug}/${path}/none`, headers: { authorization: `Bearer ${apiKey}` } })
  t.equal((await read('imports')).statusCode, 404, 'it may read rosters')
  t.equal((await read('offers')).statusCode, 403, 'and nothing else')
  const denied = await Promise.all([
    keys('GET', { key: apiKey }),
    keys('POST', { key: apiKey, body: { scopes: SCOPES } }),
    keys('DELETE', { key: apiKey, id }),
  ])
  t.same(
    denied.map(({ statusCode }) => statusCode),
    [403, 403, 403],
    'keys are the business of a key with every scope',
  )
})

t.test('a key that was deleted works no longer, and is written down as deleted', async (t) => {
  const { id, api_key: apiKey } = await add(SCOPES)
  t.equal((await keys('GET', { key: apiKey })).statusCode, 200)
  t.equal((await keys('DELETE', { key: apiKey, id })).statusCode, 204, 'also by itself, while there is another')
  t.equal((await keys('GET', { key: apiKey })).statusCode, 401)
  t.equal((await keys('DELETE', { id })).statusCode, 404)
  t.notOk((await listed()).some((key: { id: string }) => key.id === id))
  const events = await node
    .db(school.slug)
    .many(sql`select action, outcome from audit_event where object = ${id} order by action`)
  t.same(events, [
    { action: 'api-key.added', outcome: 'ok' },
    { action: 'api-key.deleted', outcome: 'ok' },
  ])
})

t.test('the last key with every scope stays, also when two delete each other at the same moment', async (t) => {
  const [first] = await listed(other)
  const refused = await keys('DELETE', { of: other, id: first.id })
  t.equal(refused.statusCode, 409)
  t.match(refused.json(), { type: 'urn:samen:problem:last-key' })
  const second = (await keys('POST', { of: other, body: { scopes: SCOPES } })).json()
  const both = await Promise.all([
    keys('DELETE', { of: other, id: second.id }),
    keys('DELETE', { of: other, key: second.api_key, id: first.id }),
  ])
  t.same(both.map(({ statusCode }) => statusCode).sort(), [204, 409])
})

t.test('a key of another school looks like none', async (t) => {
  const { id: theirs } = await node
    .db(other.slug)
    .one<{ id: string }>(sql`select id from api_key where tenant = ${other.slug} and revoked_at is null`)
  const foreign = await keys('DELETE', { id: theirs })
  const none = await keys('DELETE', { id: 'no-such-key' })
  t.equal(foreign.statusCode, 404)
  t.equal(foreign.body, none.body)
  t.equal((await keys('GET', { of: other, key: school.apiKey })).statusCode, 404)
})

t.test('the same Idempotency-Key makes one key, unknown scopes make none', async (t) => {
  const request = { body: { scopes: ['offers'] }, headers: { 'idempotency-key': 'once' } }
  t.equal((await keys('POST', request)).body, (await keys('POST', request)).body)
  for (const scopes of [[], ['everything'], 'roster'])
    t.equal((await keys('POST', { body: { scopes } })).statusCode, 400)
})

t.test('a school has at most twenty keys', async (t) => {
  const replies = await Promise.all(Array.from({ length: 22 }, () => keys('POST', { body: { scopes: ['offers'] } })))
  t.ok(replies.some(({ statusCode }) => statusCode === 409))
  t.equal((await listed()).length, 20)
})
