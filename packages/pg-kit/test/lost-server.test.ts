import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { freshDatabase, until } from '@samen/test-kit'
import t, { type Test } from 'tap'
import { DatabaseUnavailable, openDb, openJobs, sql } from '../src/pg-kit.ts'

const migrations = new URL('./migrations/', import.meta.url)

/** The way to a database, on which everything can be lost without a word, as when a host vanishes or a firewall forgets. */
async function lossyWay(t: Test) {
  const { url } = await freshDatabase(t, { migrations })
  const target = new URL(url)
  const state = { isLost: false }
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (bytes) => void (state.isLost || to.write(bytes)))
      from.on('close', () => void (state.isLost || to.destroy()))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const way = new URL(url)
  way.port = String((server.address() as AddressInfo).port)
  return { url: way.href, state }
}

t.test(
  'a database that vanishes without a word costs answers for a while, and none is taken for another',
  async (t) => {
    const { url, state } = await lossyWay(t)
    const db = await openDb({ connectionString: url, max: 2, applicationName: 'test', statementTimeoutMs: 300 })
    t.teardown(() => db.close())
    const ask = (number: number) => db.one<{ number: number }>(sql`select ${number}::int as number`)
    await Promise.all([ask(1), ask(2)])
    state.isLost = true
    const lost: Promise<unknown>[] = [
      ask(3),
      db.transaction(async (tx) => {
        await Promise.all([tx.one(sql`select 4`), tx.one(sql`select 5`)])
      }),
    ]
    for (const each of lost) await t.rejects(each, DatabaseUnavailable)
    state.isLost = false
    for (const number of [6, 7, 8, 9]) t.same(await ask(number), { number })
  },
)

t.test('a queue goes on after its database had vanished without a word', async (t) => {
  const { url, state } = await lossyWay(t)
  const queue = { name: 'notice', retryLimit: 2, retryDelayMaxSeconds: 1, expireInSeconds: 5 }
  const errors: unknown[] = []
  const jobs = await openJobs({
    connectionString: url,
    applicationName: 'test',
    queues: [queue],
    onError: ({ cause }) => errors.push(cause),
    statementTimeoutMs: 300,
  })
  const db = await openDb({ connectionString: url, max: 2, applicationName: 'test', statementTimeoutMs: 300 })
  t.teardown(() => db.close())
  t.teardown(() => jobs.stop())
  const done: object[] = []
  jobs.work('notice', { concurrency: 1, perGroup: 1 }, async ({ data }) => void done.push(data))
  state.isLost = true
  await until('the loss is told', () => errors.length > 0)
  state.isLost = false
  await db
    .transaction((tx) => jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' }))
    .catch(() => db.transaction((tx) => jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' })))
  await until('the job is done', () => done.length > 0)
  t.same(done, [{ id: 'a' }])
})
