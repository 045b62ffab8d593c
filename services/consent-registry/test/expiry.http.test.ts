import { AGREEMENT_MESSAGE } from '@samen/consent'
import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { markOverdueDeletions } from '../src/deletion/mark-overdue-deletions.ts'
import { openEvent } from '../src/log/append-event.ts'
import { expireRequests } from '../src/request/expire-requests.ts'
import {
  agreementOn,
  agreeOnPurpose,
  confirmDeletion,
  dayAfter,
  holdGuardianship,
  openRequest,
  registerPurpose,
} from './support/members.ts'
import { readState } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { comeBack, cookieOf, decide, fetchRecord, respond } from './support/wallet.ts'

t.test('how questions and consents end by themselves', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { school, app, purpose } = await agreeOnPurpose(world)
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
    t.equal(await readState(world, refused), 'refused', 'and stays what it is')
  })

  t.test('a consent past its last day is deleted as a withdrawn one is: told, late, confirmed', async (t) => {
    const short = await registerPurpose(world, app)
    const agreement = { ...agreementOn(world, app, short, 'every'), valid_until: dayAfter(world, 3) }
    await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })
    const [given, late, silent] = [
      await openRequest(world, school, app, short),
      await openRequest(world, school, app, short),
      await openRequest(world, school, app, short),
    ]
    const before = app.receipts.length
    for (const handle of [given, late]) await decide(world, handle, 'yes', hold())
    await until('the receipts are forgotten here', async () => {
      const { waiting } = await deps.db.one<{ waiting: number }>(
        sql`select count(*) as waiting from consent_request where sealed_receipt is not null`,
      )
      return waiting === 0 && app.receipts.length === before + 2
    })
    t.equal((await confirmDeletion(world, app, given)).status, 403, 'not while it holds')
    const lastDay = dayAfter(world, 3)
    world.clock.advance(4 * 86_400)
    await expireRequests(deps)
    const find = async (handle: string) => {
      const { body } = await fetchRecord(world, hold())
      return body.consents.find((consent: { handle: string }) => consent.handle === handle)
    }
    const deleteBy = new Date(Date.parse(lastDay) + 30 * 86_400_000).toISOString().slice(0, 10)
    t.match(await find(given), { state: 'expired', withdrawal: null, delete_by: deleteBy, deletion_receipt: null })
    t.equal((await confirmDeletion(world, app, silent)).status, 403, 'what was never given')
    t.equal((await confirmDeletion(world, app, given)).status, 201)
    t.equal((await confirmDeletion(world, app, given)).status, 403, 'once')
    t.match(await find(given), { deletion_receipt: { received_at: String }, deletion_overdue_since: null })
    await markOverdueDeletions(later(29))
    t.match(await find(late), { deletion_overdue_since: null }, 'the last day is not over')
    await markOverdueDeletions(later(40))
    t.match(await find(late), { deletion_overdue_since: String })
    t.match(await find(given), { deletion_overdue_since: null })
    t.same(await eventsOf(late), ['consent-requested', 'decision', 'consent-expired', 'deletion-overdue'])
    const session = await world.call('POST', '/me/sessions', { form: {} })
    await comeBack(world, await respond(world, session.body.authorization_request, hold()), session)
    const page = await world.call('GET', '/me/record?lang=nl', { accept: 'text/html', cookie: cookieOf(session) })
    t.match(page.text, 'te laat: de app heeft niet bevestigd dat de gegevens weg zijn')
    t.match(page.text, 'bevestigd door de app op')
  })

  t.test('an app that never got the receipt has nothing to delete and is not called late', async (t) => {
    const short = await registerPurpose(world, app)
    const agreement = { ...agreementOn(world, app, short, 'every'), valid_until: dayAfter(world, 1) }
    await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })
    const handle = await openRequest(world, school, app, short)
    app.status = 503
    await decide(world, handle, 'yes', hold())
    await expireRequests(later(3))
    const { delete_by } = await deps.db.one<{ delete_by: string | null }>(
      sql`select delete_by from consent_request where handle = ${handle}`,
    )
    t.equal(delete_by, null)
    app.status = 202
  })
})
