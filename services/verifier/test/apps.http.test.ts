import { decodeJwt, verifyJwt } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { createVerifierApp } from '../src/app.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { dumpRows } from './support/database.ts'
import { PURPOSE, registerPurpose } from './support/purposes.ts'
import { operatorKey, startNetwork } from './support/verifier.ts'
import { createWallet } from './support/wallet.ts'

const network = await startNetwork(t)
const { call, deps, registry } = network
const app = await network.addApp('rekenrijk')
const other = await network.addApp('leesvonk')
const newApp = { slug: 'nieuw', name: 'Nieuw', registry: registry.entityId }

t.test('only the operator adds apps, each name once', async (t) => {
  t.equal((await call('POST', '/v1/apps', { json: newApp })).status, 401)
  t.equal((await call('POST', '/v1/apps', { json: newApp, key: app.apiKey })).status, 401)
  const key = operatorKey(deps)
  const made = await call('POST', '/v1/apps', { json: newApp, key })
  t.equal(made.status, 201)
  t.equal(made.body.entity_id, `${network.base}/apps/nieuw`)
  const again = await call('POST', '/v1/apps', { json: newApp, key })
  t.same([again.status, again.body.type], [409, 'urn:samen:problem:already-exists'])
  for (const bad of [
    { ...newApp, slug: 'No Good' },
    { ...newApp, slug: 'x', registry: 'https://registry.example/?q' },
    { ...newApp, slug: 'x', return_urls: ['javascript:alert(1)'] },
    { ...newApp, slug: 'x', return_urls: ['https://app.example/#here'] },
    { ...newApp, slug: 'x', retrun_urls: [] },
  ]) {
    t.equal((await call('POST', '/v1/apps', { json: bad, key })).status, 400)
  }
})

t.test('a registry inside a network, which nobody would ever ask, is refused when the app is added', async (t) => {
  const key = operatorKey(deps)
  const add = (url: string) => ({ ...newApp, slug: 'binnen', registry: url })
  const invalid = { type: 'urn:samen:problem:invalid-request' }
  for (const url of ['https://10.0.0.1', 'https://169.254.169.254', 'https://[::ffff:7f00:1]', 'https://0.0.0.0']) {
    t.match(await call('POST', '/v1/apps', { json: add(url), key }), { status: 400, body: invalid }, url)
  }
  const production = createVerifierApp({ ...deps, urlPolicy: { mode: 'production', allowedHosts: [] } })
  t.teardown(() => production.close())
  for (const url of ['http://127.0.0.1:8080', 'https://127.0.0.1', 'https://[::1]']) {
    const headers = { authorization: `Bearer ${key}` }
    const reply = await production.inject({ method: 'POST', url: '/v1/apps', headers, payload: add(url) })
    t.match([reply.statusCode, reply.json()], [400, invalid], `${url} in production`)
  }
})

t.test('the same Idempotency-Key adds an app once and gives the same key again', async (t) => {
  const options = { json: { ...newApp, slug: 'eenmaal' }, key: operatorKey(deps), headers: { 'idempotency-key': 'k1' } }
  const [first, second] = [await call('POST', '/v1/apps', options), await call('POST', '/v1/apps', options)]
  t.same([first.status, second.status], [201, 201])
  t.same(second.body, first.body)
})

t.test('an app shows the federation keys of different use, and its mark once it is a member', async (t) => {
  const { text, headers } = await call('GET', '/apps/rekenrijk/.well-known/openid-federation')
  t.equal(headers.get('content-type'), 'application/entity-statement+jwt')
  // biome-ignore lint/suspicious/noExplicitAny: the statement is looked at member by member
  const payload = decodeJwt(text, { maxBytes: 65_536 }).payload as any
  t.equal(payload.iss, app.entityId)
  t.same(payload.authority_hints, [network.federation.anchor.entityId])
  const kids = [
    payload.jwks.keys[0].kid,
    payload.metadata.openid_credential_verifier.jwks.keys[0].kid,
    payload.metadata.samen_app.jwks.keys[0].kid,
  ]
  t.equal(new Set(kids).size, 3)
  t.equal(payload.metadata.samen_app.receipt_endpoint, `${app.entityId}/receipts`)
  t.equal(payload.trust_marks[0].trust_mark_type, 'urn:samen:trust-mark:app-vendor')
  t.doesNotThrow(() =>
    verifyJwt(text, {
      typ: 'entity-statement+jwt',
      key: { jwks: payload.jwks.keys },
      issuer: app.entityId,
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: 0,
      now: network.clock.now(),
      maxBytes: 65_536,
    }),
  )
  t.equal((await call('GET', '/apps/nobody/.well-known/openid-federation')).status, 404)
  t.equal((await call('GET', '/.well-known/openid-federation/apps/rekenrijk')).status, 404)
})

t.test('an app that is not a member yet cannot ask a wallet', async (t) => {
  const key = operatorKey(deps)
  const { body } = await call('POST', '/v1/apps', { json: { ...newApp, slug: 'wachtend' }, key })
  const waiting = await deps.apps.find('wachtend')
  t.equal(waiting && (await pullMembership(deps, waiting)), false)
  const purpose = await registerPurpose(network, { ...app, slug: 'wachtend', apiKey: body.api_key })
  const json = { purpose: purpose.id }
  const asked = await call('POST', '/v1/apps/wachtend/presentations', { key: body.api_key, json })
  t.same([asked.status, asked.body.type], [503, 'urn:samen:problem:not-a-member'])
  t.ok(asked.headers.get('retry-after'))
})

t.test('asking for more than the purpose says is refused before any request exists, and noted', async (t) => {
  const purpose = await registerPurpose(network, app)
  for (const claims of [['year_group', 'given_name'], ['constructor'], ['year_group', 'year_group'], ['bsn']]) {
    const json = { purpose: purpose.id, claims }
    const asked = await call('POST', '/v1/apps/rekenrijk/presentations', { key: app.apiKey, json })
    t.same([asked.status, asked.body.type], [403, 'urn:samen:problem:over-asking'], claims.join())
  }
  const dump = await dumpRows(network.superuserUrl)
  t.equal(dump.match(/over-asking/g)?.length, 4)
  t.notMatch(dump, 'public.presentation ')
  const less = { purpose: purpose.id, claims: ['year_group'] }
  const asked = await call('POST', '/v1/apps/rekenrijk/presentations', { key: app.apiKey, json: less })
  const request = await createWallet(network, 'sterre', [app]).fetchRequest(asked.body.authorization_request)
  t.same(request.dcql_query.credentials[0].claims, [{ path: ['year_group'] }, { path: ['pseudonyms', app.entityId] }])
  t.same(request.dcql_query.credentials[0].trusted_authorities, [{ type: 'aki', values: [deps.authority] }])
})

t.test('a purpose says everything a family must know, or is not registered', async (t) => {
  const post = (json: unknown) => call('POST', '/v1/apps/rekenrijk/purposes', { key: app.apiKey, json })
  const { why: _why, ...withoutWhy } = PURPOSE
  for (const bad of [
    withoutWhy,
    { ...PURPOSE, claims: [] },
    { ...PURPOSE, claims: [{ fact: 'birth_date', why: PURPOSE.why }] },
    { ...PURPOSE, claims: [PURPOSE.claims[0], PURPOSE.claims[0]] },
    { ...PURPOSE, legal_basis: 'legitimate_interest' },
    { ...PURPOSE, retention: 'forever' },
    { ...PURPOSE, valid_until: '2036-02-31' },
    { ...PURPOSE, id: 'A'.repeat(22) },
    { ...PURPOSE, title: { nl: 'Alleen Nederlands' } },
  ]) {
    t.equal((await post(bad)).status, 400)
  }
  t.equal((await post({ ...PURPOSE, valid_until: '2020-01-01' })).status, 403)
})

t.test('a version of a purpose never changes; a new one stands beside it', async (t) => {
  const first = await registerPurpose(network, app)
  t.equal(first.purpose_uri, `${registry.entityId}/purposes/${first.id}/1`)
  const second = await registerPurpose(network, app, { replaces: first.id, claims: [PURPOSE.claims[0]] })
  t.same([second.id, second.version], [first.id, 2])
  const wide = { purpose: first.id, version: 1, claims: ['age_over_12'] }
  t.equal((await call('POST', '/v1/apps/rekenrijk/presentations', { key: app.apiKey, json: wide })).status, 201)
  const newest = { purpose: first.id, claims: ['age_over_12'] }
  t.equal((await call('POST', '/v1/apps/rekenrijk/presentations', { key: app.apiKey, json: newest })).status, 403)
  const change = sql`update purpose set document = '{}'`
  await t.rejects(deps.db.forTenant('rekenrijk').run(change), /never changes/)
  const foreign = await call('POST', '/v1/apps/leesvonk/purposes', {
    key: other.apiKey,
    json: { ...PURPOSE, replaces: first.id },
  })
  t.equal(foreign.status, 404)
})

t.test('a row of another app cannot be read or written, whatever the code asks for', async (t) => {
  await registerPurpose(network, app)
  const asTenant = (tenant: string) => deps.db.forTenant(tenant)
  const count = sql`select count(*)::int as n from purpose`
  const { n } = await asTenant('rekenrijk').one<{ n: number }>(count)
  t.ok(n > 0)
  t.equal((await asTenant('leesvonk').one<{ n: number }>(count)).n, 0)
  t.equal((await deps.db.one<{ n: number }>(count)).n, 0)
  const theft = sql`update purpose set state = 'rejected' where tenant = 'rekenrijk'`
  t.equal(await asTenant('leesvonk').run(theft), 0)
})

t.test('the API describes itself, with examples', async (t) => {
  const { body } = await call('GET', '/openapi.json')
  t.ok(body.paths['/v1/apps/{app}/presentations'].post)
  t.match(JSON.stringify(body), 'rekenrijk')
  t.equal((await call('GET', '/healthz')).status, 200)
})
