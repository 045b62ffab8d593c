import { freshDatabase } from '@samen/test-kit'
import t from 'tap'
import { openDb, takeQuota } from '../src/pg-kit.ts'

const tooMany = { message: /Too many requests/ }

t.test('processes whose clocks are a little apart count together over the edge of a window', async (t) => {
  const { url } = await freshDatabase(t, { migrations: new URL('./migrations/', import.meta.url) })
  const db = await openDb({ connectionString: url, max: 2, applicationName: 'test', statementTimeoutMs: 5_000 })
  t.teardown(() => db.close())
  const take = (seconds: number) => {
    const quota = { key: 'letter', limit: 3, windowSeconds: 60, errorStyle: 'problem' } as const
    return takeQuota(db, { ...quota, now: new Date(Date.UTC(2026, 10, 24, 12, 0, seconds)) })
  }
  const [ahead, behind] = [61, 59]
  await take(ahead)
  await take(behind)
  await take(ahead)
  await t.rejects(take(behind), tooMany, 'the fourth is one too many for whoever asks')
  await t.rejects(take(ahead), tooMany)
  await take(121)
  t.pass('the next window is open')
})
