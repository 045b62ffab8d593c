import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { openBox } from '../src/record/box.ts'
import { pseudonymOf } from './support/members.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { answerForm, begin, decide, fetchRequest } from './support/wallet.ts'

t.test('what guardians decide at the very same moment', async (t) => {
  const world = await startWorld(t)
  const { school, app, ask, hold, stateOf } = await askAboutKim(world)

  t.test('two guardians at the very same moment: both count, and the request is given once', async (t) => {
    const handle = await ask()
    const before = app.receipts.length
    const replies = await Promise.all([
      decide(world, handle, 'yes', hold('mother')),
      decide(world, handle, 'yes', hold('father')),
    ])
    t.same(
      replies.map(({ status }) => status),
      [200, 200],
    )
    t.same(replies.map(({ body }) => body.state).sort(), ['given', 'requested'])
    await until('one receipt arrived', () => app.receipts.length === before + 1)
  })

  t.test('two wallets that answer one and the same link at once: one of them counts', async (t) => {
    const handle = await ask()
    const request = await fetchRequest(world, (await begin(world, handle, 'yes')).body.authorization_request)
    const forms = await Promise.all(['mother', 'father'].map((guardian) => answerForm(world, request, hold(guardian))))
    const replies = await Promise.all(forms.map((form) => world.call('POST', request.response_uri, { form })))
    t.same(replies.map(({ status }) => status).sort(), [200, 404])
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('one answer sent ten times at once is taken once', async (t) => {
    const handle = await ask()
    const request = await fetchRequest(world, (await begin(world, handle, 'yes')).body.authorization_request)
    const form = await answerForm(world, request, hold('mother'))
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => world.call('POST', request.response_uri, { form })),
    )
    t.equal(replies.filter(({ status }) => status === 200).length, 1)
  })

  t.test('twelve consents of one child at once, after many others, all find a place of their own', async (t) => {
    const robin = () => hold('alone', { child: 'robin', others: 0 })
    for (let i = 0; i < 20; i += 1) await decide(world, await ask(), 'no', robin())
    const handles = await Promise.all(Array.from({ length: 12 }, ask))
    const replies = await Promise.all(handles.map((handle) => decide(world, handle, 'yes', robin())))
    t.same([...new Set(replies.map(({ body }) => body.state ?? body.reason))], ['given'])
    const { indices } = await world.deps.db.one<{ indices: number }>(
      sql`select count(distinct list_index) as indices from consent_request where handle = any(${handles}::text[])`,
    )
    t.equal(indices, 12, 'no index is used twice')
    const child = { school: school.entityId, ward: pseudonymOf('robin', world.url) }
    t.equal(new Set(await openBox(world.deps, child)).size, 32, 'and all are found again')
  })
})
