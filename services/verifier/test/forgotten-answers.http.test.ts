import { sql } from '@samen/pg-kit'
import t from 'tap'
import { purgeOldRows } from '../src/purge/purge-old-rows.ts'
import { startNetwork } from './support/verifier.ts'

const HOUR_SECONDS = 3_600

t.test('an answer that was kept to be given again, with the key in it, is forgotten after a day', async (t) => {
  const network = await startNetwork(t)
  const { call, clock, deps } = network
  const apps = [await network.addApp('rekenrijk'), await network.addApp('leesvonk')]
  const add = ({ slug, apiKey: key }: (typeof apps)[number]) =>
    call('POST', `/v1/apps/${slug}/api-keys`, { key, headers: { 'idempotency-key': 'one-key' } })
  for (const app of apps) t.equal((await add(app)).status, 201)
  const kept = async () => {
    const rows = apps.map(({ slug }) => deps.db.forTenant(slug).many(sql`select key_hash from idempotency`))
    return (await Promise.all(rows)).flat().length
  }
  clock.advance(24 * HOUR_SECONDS)
  await purgeOldRows(deps)
  t.equal(await kept(), 2, 'for a day it is given again')
  clock.advance(HOUR_SECONDS)
  await purgeOldRows(deps)
  t.equal(await kept(), 0, 'of every app')
})
