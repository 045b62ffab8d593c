import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem, ProtocolError } from '@samen/errors'
import { freshDatabase } from '@samen/test-kit'
import pg from 'pg'
import t, { type Test } from 'tap'
import {
  audit,
  authenticate,
  type IdempotentReply,
  issueApiKey,
  openDb,
  purgeIdempotency,
  purgeQuotas,
  revokeApiKey,
  sql,
  type Tx,
  takeQuota,
  takeQuotas,
  withIdempotency,
} from '../src/pg-kit.ts'

const NOW = new Date('2026-11-24T10:00:00Z')
const sealing = {
  seal: (plaintext: string, context: string) =>
    cipher(context, (key) => createCipheriv('aes-256-ctr', key, Buffer.alloc(16)), plaintext),
  open: (sealed: Buffer, context: string) =>
    cipher(context, (key) => createDecipheriv('aes-256-ctr', key, Buffer.alloc(16)), sealed),
  mac: (purpose: string, ...parts: string[]) =>
    createHmac('sha256', 'outside the database')
      .update(JSON.stringify([purpose, ...parts]))
      .digest(),
}

function cipher(
  context: string,
  create: (key: Buffer) => { update: (data: Buffer) => Buffer },
  data: string | Buffer,
): Buffer {
  return create(createHash('sha256').update(context).digest()).update(Buffer.from(data))
}

async function open(t: Test) {
  const { url, superuserUrl } = await freshDatabase(t, { migrations: new URL('./migrations/', import.meta.url) })
  const db = await openDb({ connectionString: url, max: 10, applicationName: 'test', statementTimeoutMs: 5_000 })
  t.teardown(() => db.close())
  const dump = async (table: string) => {
    const client = new pg.Client({ connectionString: superuserUrl })
    await client.connect()
    const { rows } = await client.query(`select * from ${table}`)
    await client.end()
    return rows
  }
  return { db, dump }
}

const refusal = (refused: Promise<unknown>): Promise<unknown> =>
  refused.then(
    () => 'no refusal',
    (error) => error,
  )

const hashOf = (text: string) => createHash('sha256').update(text).digest()
const requestWith = (key: string | undefined, body = 'body', tenant = 'de-wilg') => ({
  tenant,
  key,
  requestHash: hashOf(body),
  sealing,
  now: NOW,
})

function createEffect(db: { count: number }) {
  return async (tx: Tx): Promise<IdempotentReply> => {
    db.count++
    await tx.run(sql`insert into note (tenant, id) values ('de-wilg', ${`note ${db.count}`})`)
    return { status: 201, body: { secret: `the code is canary-${db.count}` } }
  }
}

t.test('a request sent twice with one key has one effect and one answer', async (t) => {
  const { db, dump } = await open(t)
  const school = db.forTenant('de-wilg')
  const calls = { count: 0 }
  const effect = createEffect(calls)
  const first = await withIdempotency(school, requestWith('k1'), effect)
  t.same(first, { status: 201, body: { secret: 'the code is canary-1' } })
  t.same(await withIdempotency(school, requestWith('k1'), effect), first)
  t.equal(calls.count, 1)
  await withIdempotency(school, requestWith(undefined), effect)
  await withIdempotency(school, requestWith(undefined), effect)
  t.equal((await dump('note')).length, 3, 'without a key each request counts')
})

t.test('twenty at the same moment with one key: one effect, twenty equal answers', async (t) => {
  const { db, dump } = await open(t)
  const school = db.forTenant('de-wilg')
  const effect = createEffect({ count: 0 })
  const slow = async (tx: Tx) => {
    await sleep(20)
    return effect(tx)
  }
  const answers = await Promise.all(Array.from({ length: 20 }, () => withIdempotency(school, requestWith('k'), slow)))
  for (const answer of answers) t.same(answer, answers[0])
  t.equal((await dump('note')).length, 1)
})

t.test('a key that was used for another request is refused, and belongs to its own school', async (t) => {
  const { db } = await open(t)
  const effect = async () => ({ status: 200, body: {} })
  await withIdempotency(db.forTenant('de-wilg'), requestWith('k'), effect)
  const other = withIdempotency(db.forTenant('de-wilg'), requestWith('k', 'other body'), effect)
  t.match(await refusal(other), { status: 422, slug: 'idempotency-key-reused' })
  t.ok(await withIdempotency(db.forTenant('de-linde'), requestWith('k', 'other body', 'de-linde'), effect))
})

t.test('a request that failed leaves its key free', async (t) => {
  const { db } = await open(t)
  const school = db.forTenant('de-wilg')
  await t.rejects(
    withIdempotency(school, requestWith('k'), async () => Promise.reject(new Error('no'))),
    /no/,
  )
  t.same(await withIdempotency(school, requestWith('k'), async () => ({ status: 200, body: {} })), {
    status: 200,
    body: {},
  })
})

t.test('what is stored of an answer shows neither key nor answer, and goes after a day', async (t) => {
  const { db, dump } = await open(t)
  const school = db.forTenant('de-wilg')
  await withIdempotency(school, requestWith('canary-key'), createEffect({ count: 0 }))
  const [row] = await dump('idempotency')
  const stored = Buffer.concat([row.key_hash, row.request_hash, row.sealed_reply])
  t.notMatch(stored.toString('latin1'), 'canary')
  for (const guess of ['canary-key', 'body']) t.notOk(stored.includes(hashOf(guess)), 'a guess cannot be confirmed')
  const tomorrow = new Date(NOW.getTime() + 86_500_000)
  const again = { ...requestWith('canary-key', 'another body'), now: tomorrow }
  const { status } = await withIdempotency(school, again, async () => ({ status: 202, body: {} }))
  t.equal(status, 202, 'after a day the key is free')
  t.equal(await purgeIdempotency(school, { tenant: 'de-wilg', now: tomorrow }), 0)
  const later = new Date(tomorrow.getTime() + 86_500_000)
  t.equal(await purgeIdempotency(school, { tenant: 'de-wilg', now: later }), 1)
  t.equal((await dump('idempotency')).length, 0)
})

t.test('two quotas are counted together, and the one that is used up refuses', async (t) => {
  const { db } = await open(t)
  const quota = (key: string, limit: number) =>
    ({ key, limit, windowSeconds: 60, now: NOW, errorStyle: 'protocol' }) as const
  for (let i = 0; i < 3; i += 1) await takeQuotas(db, [quota('school', 10), quota('code', 3)])
  t.match(await refusal(takeQuotas(db, [quota('school', 10), quota('code', 3)])), { status: 429 })
  await takeQuotas(db, [quota('school', 10), quota('another code', 3)])
  t.match(await refusal(takeQuota(db, quota('nothing', 0))), { status: 429 })
})

t.test('a quota is shared by all processes, refuses with a time to come back, and opens again', async (t) => {
  const { db } = await open(t)
  const quota = { key: 'canary', limit: 5, windowSeconds: 60, now: NOW, errorStyle: 'problem' } as const
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeQuota(db, quota)))
  t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 5)
  const late = { ...quota, now: new Date(NOW.getTime() + 45_000) }
  t.match(await refusal(takeQuota(db, late)), { status: 429, headers: { 'retry-after': '15' } })
  await t.rejects(takeQuota(db, late), Problem)
  await t.rejects(takeQuota(db, { ...late, errorStyle: 'protocol' }), ProtocolError)
  await takeQuota(db, { ...quota, now: new Date(NOW.getTime() + 60_000) })
  await takeQuota(db, { ...quota, key: 'another' })
  t.match(await refusal(takeQuota(db, { ...quota, key: 'never', limit: 0 })), { status: 429 })
  t.equal(await purgeQuotas(db, { before: new Date(NOW.getTime() + 1_000) }), 1)
})

t.test('an API key names its school and scopes, is stored as a hash, and ends when it is revoked', async (t) => {
  const { db, dump } = await open(t)
  const school = db.forTenant('de-wilg')
  const { id, apiKey } = await school.transaction((tx) => issueApiKey(tx, { tenant: 'de-wilg', scopes: ['offers'] }))
  t.match(apiKey, /^[\w-]{43}$/)
  t.same(await authenticate(db, apiKey), { id, tenant: 'de-wilg', scopes: ['offers'] })
  t.equal(await authenticate(db, `${apiKey.slice(0, -1)}!`), undefined)
  const stored = JSON.stringify(await dump('api_key'))
  t.notMatch(stored, apiKey)
  for (const hash of (await dump('api_key')).map((row) => row.key_hash)) {
    t.equal(await authenticate(db, hash.toString('base64url')), undefined, 'what a dump shows opens nothing')
  }
  t.equal(await revokeApiKey(db.forTenant('de-linde'), { tenant: 'de-wilg', id, now: NOW }), false)
  t.ok(await authenticate(db, apiKey))
  t.equal(await revokeApiKey(school, { tenant: 'de-wilg', id, now: NOW }), true)
  t.equal(await authenticate(db, apiKey), undefined)
  await t.rejects(issueApiKey(db.forTenant('de-linde'), { tenant: 'de-wilg', scopes: [] }), { code: '42501' })
})

t.test('what was written in the audit cannot be changed or removed by the service', async (t) => {
  const { db, dump } = await open(t)
  const school = db.forTenant('de-wilg')
  const event = {
    tenant: 'de-wilg',
    at: NOW,
    actor: 'key-1',
    action: 'offer.created',
    object: 'offer-1',
    outcome: 'ok',
  }
  await school.transaction((tx) => audit(tx, event))
  t.equal(await school.run(sql`update audit_event set actor = 'nobody'`), 0)
  t.equal(await school.run(sql`delete from audit_event`), 0)
  t.match(await dump('audit_event'), [event])
  await t.rejects(audit(school, { ...event, action: 'Sanne de Vries got an offer' }), { code: '23514' })
})
