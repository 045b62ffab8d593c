import t from 'tap'
import { agree, createSchool, dayAfter, holdGuardianship, openRequest, revoke } from './support/members.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { begin, comeBack, cookieOf, decide, fetchRequest, respond } from './support/wallet.ts'

t.test('whether a guardian still holds authority when it counts', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose, ask, hold, stateOf } = await askAboutKim(world)
  /** What the timer does that keeps the lists of schools fresh. */
  const seeListsAnew = () => world.deps.schoolLists.refreshDue()
  const takeAway = async (idx: number) => {
    revoke(school, idx)
    world.clock.advance(6)
    await seeListsAnew()
  }

  t.test('a yes whose authority ended does not count for the other guardian', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother', { idx: 81 }))
    await takeAway(81)
    t.equal((await decide(world, handle, 'yes', hold('father'))).body.state, 'requested')
    const again = await decide(world, handle, 'yes', hold('mother', { idx: 82 }))
    t.equal(again.body.state, 'given', 'with authority again she says it again, and then it counts')
  })

  t.test('who decides alone since the other lost authority is not held to the number of before', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother', { idx: 83 }))
    await takeAway(83)
    t.equal((await decide(world, handle, 'yes', hold('father', { others: 0 }))).body.state, 'given')
  })

  t.test('a guardian whose credential was revoked between answer and confirmation decides nothing', async (t) => {
    for (const [at, word] of ['yes', 'no', 'withdraw'].entries()) {
      const handle = await ask()
      const begun = await begin(world, handle, word)
      const answered = await respond(world, begun.body.authorization_request, hold('mother', { idx: 90 + at }))
      await takeAway(90 + at)
      const { status, body } = await comeBack(world, answered, begun)
      t.match({ status, ...body }, { status: 403, result: 'not-decided', reason: 'authority_ended' }, word)
      t.equal(await stateOf(handle), 'requested')
      t.same((await comeBack(world, answered, begun)).body, { result: 'done' }, 'and the answer is used up')
    }
  })

  t.test('after the last day on which a guardian decides there is no yes; taking away stays possible', async (t) => {
    const [yesterday, today] = [dayAfter(world, -1), dayAfter(world, 0)]
    const late = () => hold('mother', { others: 0, decideUntil: yesterday })
    const handle = await ask()
    const refused = await decide(world, handle, 'yes', late())
    t.match(
      { status: refused.status, ...refused.body },
      { status: 403, result: 'not-decided', reason: 'authority_ended' },
    )
    const begun = await begin(world, handle, 'yes')
    await comeBack(world, await respond(world, begun.body.authorization_request, late()), begun)
    const page = await world.call('GET', `/requests/${handle}?lang=nl`, {
      accept: 'text/html',
      cookie: cookieOf(begun),
    })
    t.match(page.text, 'Volgens de school mag jij hier nu niet (meer) over beslissen')
    const onTheDay = hold('mother', { others: 0, decideUntil: today })
    t.equal((await decide(world, handle, 'yes', onTheDay)).body.state, 'given', 'the day itself counts')
    t.equal((await decide(world, handle, 'withdraw', late())).body.state, 'withdrawn')
    t.equal((await decide(world, await ask(), 'no', late())).body.state, 'refused')
  })

  t.test('a day that is none decides nothing, and who takes away is not asked for it', async (t) => {
    t.equal((await decide(world, await ask(), 'yes', hold('mother', { decideUntil: 'always' }))).status, 400)
    for (const word of ['no', 'withdraw']) {
      const request = await fetchRequest(world, (await begin(world, await ask(), word)).body.authorization_request)
      t.notMatch(JSON.stringify(request.dcql_query), 'decide_until')
    }
  })

  t.test('a status that cannot be read decides nothing and uses nothing up', async (t) => {
    const slow = await createSchool(world, 'slow')
    await agree(world, slow, app, purpose)
    const holdSlow = (guardian: string, list: '1' | '2') =>
      holdGuardianship(world, slow, { child: 'kim', guardian, apps: [app], list })
    slow.listSeconds = 60
    for (const unreadable of ['1', '2']) {
      const handle = await openRequest(world, slow, app, purpose)
      t.equal((await decide(world, handle, 'yes', holdSlow('mother', '1'))).body.state, 'requested')
      const begun = await begin(world, handle, 'yes')
      const answered = await respond(world, begun.body.authorization_request, holdSlow('father', '2'))
      const list = `GET /schools/slow/status-lists/${unreadable}`
      const answer = world.others.answers.get(list)
      world.others.answers.delete(list)
      world.clock.advance(61)
      t.equal((await comeBack(world, answered, begun)).status, 503, `list ${unreadable}`)
      t.equal(await stateOf(handle), 'requested')
      if (answer) world.others.answers.set(list, answer)
      await seeListsAnew()
      t.equal((await comeBack(world, answered, begun)).body.state, 'given', 'when it can be read again')
    }
  })

  t.test('a yes whose credential has run out does not count for the other guardian either', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother', { days: 1 }))
    world.clock.advance(2 * 86_400)
    t.equal((await decide(world, handle, 'yes', hold('father'))).body.state, 'requested')
  })
})
