import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '@samen/pg-kit'
import { openCheckpoint } from '@samen/transparency-log'
import t from 'tap'
import { openLog } from '../src/log/open-log.ts'
import { sequenceLog } from '../src/log/sequence-log.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { decide, fetchRecord } from './support/wallet.ts'

t.test('a log behind which thousands of events wait', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { ask, hold } = await askAboutKim(world)
  /** Events that say nothing, all at the same moment. */
  const flood = (count: number) =>
    deps.db.run(sql`
      insert into log_event (id, commitment, at)
        select translate(encode(substring(sha256(n::text::bytea || clock_timestamp()::text::bytea) for 16), 'base64'), '+/=', '-_'),
          sha256(n::text::bytea), now()
        from generate_series(1, ${count}) as n`)

  t.test('whoever asks for its head gets one that covers all that was there', async (t) => {
    const before = deps.head.current().size
    await flood(3_500)
    t.ok((await sequenceLog(deps)).size >= before + 3_500)
  })

  t.test('a family that looks back at that moment gets its record', async (t) => {
    const handle = await ask()
    await flood(9_000)
    await decide(world, handle, 'no', hold('mother'))
    const { status, body } = await fetchRecord(world, hold('mother'))
    t.equal(status, 200)
    t.same(
      body.events.map(({ event }: { event: { type: string } }) => event.type),
      ['consent-requested', 'decision'],
    )
  })

  t.test('before anything is served, the head is kept outside the database', async (t) => {
    const file = join(mkdtempSync(join(tmpdir(), 'samen-log-')), 'checkpoint')
    t.teardown(() => rmSync(join(file, '..'), { recursive: true }))
    const head = await openLog({ db: deps.db, key: deps.keys.log, file, log: deps.log })
    t.equal(openCheckpoint(readFileSync(file, 'utf8'), deps.keys.log.verifierKey).size, head.current().size)
    const folder = mkdtempSync(join(tmpdir(), 'samen-log-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    await t.rejects(openLog({ db: deps.db, key: deps.keys.log, file: folder, log: deps.log }))
  })
})
