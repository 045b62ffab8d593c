import { freshDatabase, until } from '@samen/test-kit'
import t, { type Test } from 'tap'
import { openDb, openJobs } from '../src/pg-kit.ts'

const QUEUE = { name: 'notice', retryLimit: 9, retryDelayMaxSeconds: 1, expireInSeconds: 30 }
type Notice = { to: string }

async function open(t: Test) {
  const { url } = await freshDatabase(t, { migrations: new URL('./migrations/', import.meta.url) })
  const db = await openDb({ connectionString: url, max: 4, applicationName: 'test', statementTimeoutMs: 5_000 })
  t.teardown(() => db.close())
  const options = { applicationName: 'test', queues: [QUEUE], onError: () => undefined, statementTimeoutMs: 5_000 }
  const jobs = await openJobs({ connectionString: url, ...options })
  t.teardown(() => jobs.stop())
  const send = (to: string) => db.transaction((tx) => jobs.send(tx, 'notice', { to }, { group: to }))
  return { jobs, send }
}

t.test('a recipient that swallows everything holds up no message for another', async (t) => {
  const { jobs, send } = await open(t)
  const state = { swallowed: 0, most: 0, delivered: 0 }
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  jobs.work<Notice>('notice', { concurrency: 4, perGroup: 2 }, async ({ data }) => {
    if (data.to === 'alive') return void state.delivered++
    state.most = Math.max(state.most, ++state.swallowed)
    await over
    state.swallowed--
    throw new Error('swallowed')
  })
  for (let sent = 0; sent < 20; sent += 1) await send('dead')
  await until('the first are tried', () => state.swallowed > 0)
  for (let sent = 0; sent < 5; sent += 1) await send('alive')
  await until('the others have theirs', () => state.delivered === 5)
  t.equal(state.most, 2, 'it has two places, however much waits for it')
  end()
})

t.test('a job that takes long holds up none that came after it, and a free place is taken at once', async (t) => {
  const { jobs, send } = await open(t)
  const done: string[] = []
  let finish: () => void = () => undefined
  jobs.work<Notice>('notice', { concurrency: 2, perGroup: 1 }, async ({ data }) => {
    if (data.to === 'slow') await new Promise<void>((end) => (finish = end))
    done.push(data.to)
  })
  await send('slow')
  for (const to of ['a', 'b', 'c']) await send(to)
  await until('three are done', () => done.length === 3)
  t.same(done, ['a', 'b', 'c'])
  finish()
  await until('the last is done', () => done.length === 4)
  t.same(done, ['a', 'b', 'c', 'slow'])
})
