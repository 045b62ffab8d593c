import { setTimeout as pause } from 'node:timers/promises'
import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { decide } from './support/wallet.ts'

t.test('what the registry makes of an answer to its own messages', async (t) => {
  const world = await startWorld(t)
  const { app, ask, hold } = await askAboutKim(world)
  const alone = () => hold('mother', { others: 0 })
  const waiting = (queue: string) =>
    world.deps.db.one<{ jobs: number }>(
      sql`select count(*) as jobs from jobs.job where name = ${queue} and state in ('created', 'retry', 'active')`,
    )
  /** Answers of the app from now on, one after the other and then the last; counts how often it was asked. */
  const answer = (path: 'receipts' | 'events', ...answers: { status: number; body: string }[]) => {
    const name = `POST /apps/rekenen/${path}`
    const usual = world.others.answers.get(name)
    const heard = {
      times: 0,
      accept: new Set<string | undefined>(),
      stop: () => usual && world.others.answers.set(name, usual),
    }
    world.others.answers.set(name, ({ headers: { accept } }) => {
      const said = answers[Math.min(heard.times, answers.length - 1)]
      heard.times += 1
      heard.accept.add(accept)
      return { status: 500, body: '', ...said, type: 'application/json' }
    })
    return heard
  }
  const REFUSED = { status: 400, body: '{"error":"invalid_request","error_description":"no open question fits"}' }

  t.test('a receipt that the app refuses for what it says is not sent for a month', async (t) => {
    const heard = answer('receipts', REFUSED)
    const handle = await ask()
    await decide(world, handle, 'yes', alone())
    await until('the job is done', async () => heard.times > 0 && (await waiting('receipt')).jobs === 0)
    await pause(1_500)
    t.equal(heard.times, 1)
    t.match(
      world.logLines.join('\n'),
      /"queue":"receipt","outcome":"rejected","status":400/,
      'and the operator hears of it',
    )
    const { kept } = await world.deps.db.one<{ kept: boolean }>(
      sql`select sealed_receipt is not null as kept from consent_request where handle = ${handle}`,
    )
    t.ok(kept, 'it is known that the app never took it, so that it has nothing to delete')
    heard.stop()
  })

  t.test('nor a notice, of which the family does not read that the app was told', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', alone())
    await until('the receipt is done', async () => (await waiting('receipt')).jobs === 0)
    const heard = answer('events', {
      status: 400,
      body: '{"err":"invalid_request","description":"there is no such consent"}',
    })
    await decide(world, handle, 'withdraw', alone())
    await until('the job is done', async () => heard.times > 0 && (await waiting('withdrawal-notice')).jobs === 0)
    const { told } = await world.deps.db.one<{ told: boolean }>(
      sql`select notified_at is not null as told from consent_request where handle = ${handle}`,
    )
    t.equal(told, false)
    heard.stop()
  })

  t.test('what may pass is sent again: the page of a proxy, a refusal without a code', async () => {
    for (const unclear of [
      { status: 400, body: '<html>' },
      { status: 409, body: '' },
    ]) {
      const heard = answer('receipts', unclear, { status: 202, body: '{}' })
      await decide(world, await ask(), 'yes', alone())
      await until('it was taken in the end', () => heard.times === 2)
      await until('the job is done', async () => (await waiting('receipt')).jobs === 0)
      heard.stop()
    }
  })

  t.test('who sends a security event says which answers it can read', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', alone())
    await until('the receipt arrived', () => app.receipts.some((receipt) => JSON.stringify(receipt).includes(handle)))
    const heard = answer('events', { status: 202, body: '' })
    await decide(world, handle, 'withdraw', alone())
    await until('the notice arrived', () => heard.times === 1)
    t.same([...heard.accept], ['application/json'])
    heard.stop()
  })
})
