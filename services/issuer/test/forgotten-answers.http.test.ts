import { sql } from '@samen/pg-kit'
import t from 'tap'
import { forgetOldRecords } from '../src/retention/forget-old-records.ts'
import { KOMPAS, openSchoolNode } from './support/roster-node.ts'

const HOUR_MS = 3_600_000

t.test('an answer that was kept to be given again, with the key in it, is forgotten after a day', async (t) => {
  const node = await openSchoolNode(t)
  const schools = [await node.addSchool(), await node.addSchool(KOMPAS)]
  for (const { slug, apiKey } of schools) {
    const headers = { authorization: `Bearer ${apiKey}`, 'idempotency-key': 'one-key' }
    const request = { method: 'POST', url: `/v1/schools/${slug}/api-keys`, headers } as const
    t.equal((await node.app.inject({ ...request, payload: { scopes: ['roster'] } })).statusCode, 201)
  }
  const kept = async () => {
    const rows = schools.map(({ slug }) => node.db(slug).many(sql`select key_hash from idempotency`))
    return (await Promise.all(rows)).flat().length
  }
  const now = node.clock.now().getTime()
  const forgetAfter = (hours: number) => forgetOldRecords({ ...node.deps, now: () => new Date(now + hours * HOUR_MS) })
  const before = await kept()
  t.ok(before >= 2)
  await forgetAfter(24)
  t.equal(await kept(), before, 'for a day it is given again')
  await forgetAfter(25)
  t.equal(await kept(), 0, 'of every school')
})
