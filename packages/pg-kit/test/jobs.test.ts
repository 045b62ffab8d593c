import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freshDatabase, until } from '@samen/test-kit'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type Job, openDb, openJobs } from '../src/pg-kit.ts'

const QUEUE = { name: 'notice', retryLimit: 2, retryDelayMaxSeconds: 1, expireInSeconds: 1 }
type Notice = { id: string }

async function open(t: Test) {
  const { url, superuserUrl } = await freshDatabase(t, { migrations: new URL('./migrations/', import.meta.url) })
  const db = await openDb({ connectionString: url, max: 4, applicationName: 'test', statementTimeoutMs: 5_000 })
  t.teardown(() => db.close())
  const errors: unknown[] = []
  const start = async () => {
    const onError = ({ cause }: { cause: unknown }) => errors.push(cause)
    const jobs = await openJobs({
      connectionString: url,
      applicationName: 'test',
      queues: [QUEUE],
      onError,
      statementTimeoutMs: 5_000,
    })
    t.teardown(() => jobs.stop())
    return jobs
  }
  const dump = async () => {
    const client = new pg.Client({ connectionString: superuserUrl })
    await client.connect()
    const { rows } = await client.query(`select state, data, output, retry_count from jobs.job where name = 'notice'`)
    await client.end()
    return rows
  }
  return { db, start, errors, dump, url }
}

t.test('a job exists if and only if its transaction does', async (t) => {
  const { db, start } = await open(t)
  const jobs = await start()
  const done: string[] = []
  jobs.work<Notice>('notice', { concurrency: 5, perGroup: 5 }, async ({ data }) => void done.push(data.id))
  const undone = db.transaction(async (tx) => {
    await jobs.send(tx, 'notice', { id: 'undone' }, { group: 'school' })
    throw new Error('changed my mind')
  })
  await t.rejects(undone, /changed my mind/)
  await db.transaction((tx) => jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' }))
  await until('the job is done', () => done.length > 0)
  await sleep(600)
  t.same(done, ['a'])
})

t.test('two processes share the jobs, and none is done twice', async (t) => {
  const { db, start } = await open(t)
  const done: string[] = []
  for (const jobs of [await start(), await start()]) {
    jobs.work<Notice>('notice', { concurrency: 5, perGroup: 5 }, async ({ data }) => void done.push(data.id))
  }
  const sender = await start()
  const ids = Array.from({ length: 40 }, (_, index) => String(index).padStart(2, '0'))
  await db.transaction(async (tx) => {
    await Promise.all(ids.map((id) => sender.send(tx, 'notice', { id }, { group: 'school' })))
  })
  await until('all are done', () => done.length >= 40)
  await sleep(100)
  t.same([...done].sort(), ids)
})

t.test('a job that fails is tried again, and in the end is given up; its error is told but not stored', async (t) => {
  const { db, start, errors, dump } = await open(t)
  const jobs = await start()
  const tries: number[] = []
  jobs.work<Notice>('notice', { concurrency: 1, perGroup: 1 }, async ({ retries }: Job<Notice>) => {
    tries.push(retries)
    throw new Error('canary: Sanne de Vries')
  })
  await db.transaction((tx) => jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' }))
  await until('it was tried three times', () => tries.length === 3)
  await sleep(100)
  t.same(tries, [0, 1, 2])
  t.match(errors, [/canary/, /canary/, /canary/])
  const rows = await dump()
  t.match(rows, [{ state: 'failed', retry_count: 2 }])
  t.notMatch(JSON.stringify(rows), 'canary')
})

t.test('a job can be for later', async (t) => {
  const { db, start } = await open(t)
  const jobs = await start()
  const done: string[] = []
  jobs.work<Notice>('notice', { concurrency: 2, perGroup: 2 }, async ({ data }) => void done.push(data.id))
  await db.transaction(async (tx) => {
    await jobs.send(tx, 'notice', { id: 'later' }, { group: 'school', startAfterSeconds: 1 })
    await jobs.send(tx, 'notice', { id: 'now' }, { group: 'school' })
  })
  await until('both are done', () => done.length === 2)
  t.same(done, ['now', 'later'])
})

t.test('stopping waits for the job in hand and takes no other', async (t) => {
  const { db, start, dump } = await open(t)
  const jobs = await start()
  const log: string[] = []
  jobs.work<Notice>('notice', { concurrency: 1, perGroup: 1 }, async ({ data }) => {
    log.push(`begin ${data.id}`)
    await sleep(300)
    log.push(`end ${data.id}`)
  })
  await db.transaction(async (tx) => {
    await jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' })
    await jobs.send(tx, 'notice', { id: 'b' }, { group: 'school' })
  })
  await until('the first has begun', () => log.length === 1)
  await jobs.stop()
  await jobs.stop()
  t.same(log, ['begin a', 'end a'])
  t.same((await dump()).map(({ state }) => state).sort(), ['completed', 'created'])
})

t.test('a job in the hands of a process that was killed is done by another', async (t) => {
  const { db, start, url } = await open(t)
  const program = `
    import { openJobs } from ${JSON.stringify(new URL('../src/pg-kit.ts', import.meta.url).href)}
    const queue = { name: 'notice', retryLimit: 2, retryDelayMaxSeconds: 1, expireInSeconds: 1 }
    const jobs = await openJobs({ connectionString: '${url}', applicationName: 'killed', queues: [queue], onError: () => undefined, statementTimeoutMs: 5_000 })
    jobs.work('notice', { concurrency: 1, perGroup: 1 }, async () => process.kill(process.pid, 'SIGKILL'))`
  const jobs = await start()
  await db.transaction((tx) => jobs.send(tx, 'notice', { id: 'a' }, { group: 'school' }))
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'ignore' })
  const [, signal] = await once(child, 'exit')
  t.equal(signal, 'SIGKILL')
  const done: Job<Notice>[] = []
  jobs.work<Notice>('notice', { concurrency: 1, perGroup: 1 }, async (job) => void done.push(job))
  await until('another has done it', () => done.length > 0)
  t.match(done, [{ data: { id: 'a' }, retries: 1 }])
})

t.test('a timer never runs twice at once, outlives an error, and ends with the rest', async (t) => {
  const { start, errors } = await open(t)
  const jobs = await start()
  const state = { running: 0, most: 0, runs: 0 }
  jobs.every('renew', 0.02, async () => {
    state.runs++
    state.most = Math.max(state.most, ++state.running)
    await sleep(50)
    state.running--
    if (state.runs === 1) throw new Error('once')
  })
  await until('it ran three times', () => state.runs >= 3)
  await jobs.stop()
  const { runs } = state
  t.equal(state.running, 0)
  await sleep(100)
  t.match(state, { most: 1, runs })
  t.match(errors, [/once/])
})
