import { sql } from '@samen/pg-kit'
import t from 'tap'
import { openEvent } from '../src/log/append-event.ts'
import { expireRequests } from '../src/request/expire-requests.ts'
import { agree, createApp, createSchool, holdGuardianship, openRequest, registerPurpose } from './support/members.ts'
import { startWorld } from './support/registry.ts'
import { decide } from './support/wallet.ts'

t.test('how questions and consents end by themselves', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const purpose = await registerPurpose(world, app)
  await agree(world, school, app, purpose)
  const ask = () => openRequest(world, school, app, purpose)
  const hold = (guardian = 'mother') =>
    holdGuardianship(world, school, { child: 'kim', guardian, apps: [app], others: 0 })
  const eventsOf = async (handle: string) => {
    const rows = await deps.db.many<{ id: string; sealed: Buffer }>(
      sql`select id, sealed_event as sealed from log_event where handle = ${handle} order by queued_at, id`,
    )
    return rows.map(({ id, sealed }) => openEvent(deps, id, sealed).event['type'])
  }
  const later = (days: number) => ({ ...deps, now: () => new Date(world.clock.now().getTime() + days * 86_400_000) })

  t.test('at its end a refused question moves the log as a silent one does', async (t) => {
    const [silent, refused] = [await ask(), await ask()]
    await decide(world, refused, 'no', hold())
    await expireRequests(later(13))
    t.same(
      [await eventsOf(silent), await eventsOf(refused)],
      [['consent-requested'], ['consent-requested', 'decision']],
    )
    await expireRequests(later(15))
    await expireRequests(later(15))
    t.same(await eventsOf(silent), ['consent-requested', 'request-expired'])
    t.same(await eventsOf(refused), ['consent-requested', 'decision', 'request-expired'])
    const { state } = await deps.db.one<{ state: string }>(
      sql`select state from consent_request where handle = ${refused}`,
    )
    t.equal(state, 'refused', 'and stays what it is')
  })
})
