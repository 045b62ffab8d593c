import { AGREEMENT_MESSAGE, CONSENT_REQUEST_MESSAGE } from '@samen/consent'
import { type Sql, type Statements, sql } from '@samen/pg-kit'
import t from 'tap'
import { readRecord } from '../src/record/read-record.ts'
import { expireRequests } from '../src/request/expire-requests.ts'
import { readEnded } from '../src/request/request.sql.ts'
import { agreementOn, dayAfter, pseudonymOf, registerPurpose } from './support/members.ts'
import { askAboutKim, readState } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { decide } from './support/wallet.ts'

t.test('when a question closes', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { school, app, ask, hold } = await askAboutKim(world)
  const later = (days: number) => ({ ...deps, now: () => new Date(world.clock.now().getTime() + days * 86_400_000) })

  t.test('it closes at the latest with the last day of what is asked, and says so when it is put', async (t) => {
    const short = await registerPurpose(world, app)
    const lastDay = dayAfter(world, 3)
    const agreement = { ...agreementOn(world, app, short, 'every'), valid_until: lastDay }
    await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })
    const put = (days: number) => {
      const expires_at = new Date(world.clock.now().getTime() + days * 86_400_000).toISOString()
      const request = { purpose_id: short.id, purpose_version: 1, school: school.entityId, expires_at }
      return app.send('/v1/consent-requests', CONSENT_REQUEST_MESSAGE.typ, { request })
    }
    const { body } = await put(14)
    t.equal(body.expires_at, new Date(Date.parse(lastDay) + 86_400_000).toISOString())
    t.equal((await world.call('GET', `/requests/${body.handle}`)).body.expires_at, body.expires_at)
    t.equal((await put(2)).body.expires_at, new Date(world.clock.now().getTime() + 2 * 86_400_000).toISOString())
    await expireRequests(later(4))
    t.equal(await readState(world, body.handle), 'expired')
  })

  t.test(
    'a record calls a question closed when the log does, so that each can be checked against the other',
    async (t) => {
      const handle = await ask()
      await decide(world, handle, 'yes', hold('mother'))
      const child = { school: school.entityId, ward: pseudonymOf('kim', world.url) }
      const stateIn = async (record: Awaited<ReturnType<typeof readRecord>>) =>
        record.consents.find((consent) => consent.handle === handle)?.state
      t.equal(await stateIn(await readRecord(later(15), child, undefined)), 'requested')
      await expireRequests(later(15))
      t.equal(await stateIn(await readRecord(later(15), child, undefined)), 'expired')
    },
  )

  t.test('who looks for what has ended does not look through what is open', async (t) => {
    let asked: Sql | undefined
    const many = async (statement: Sql) => {
      asked = statement
    }
    await readEnded({ many } as unknown as Statements, world.clock.now(), 500)
    const plan = await deps.db.transaction(async (tx) => {
      await tx.run(sql`set local enable_seqscan = off`)
      const rows = await tx.many<{ 'QUERY PLAN': string }>({
        ...(asked as Sql),
        name: '',
        text: `explain ${asked?.text}`,
      })
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
    for (const index of ['consent_request_open', 'consent_request_refused', 'consent_request_given']) {
      t.match(plan, new RegExp(`using ${index} on [^\\n]+\\n\\s+Index Cond`), index)
    }
  })
})
