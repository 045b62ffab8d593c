import { generateSigningKey } from '@samen/jwt-profile'
import t from 'tap'
import {
  agree,
  createSchool,
  dayAfter,
  type Guardianship,
  holdGuardianship,
  openRequest,
  revoke,
  type TestSchool,
} from './support/members.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { begin, comeBack, decide, fetchRequest, respond } from './support/wallet.ts'

const ENDED = { status: 403, result: 'not-decided', reason: 'authority_ended' }

t.test('taking away asks for less than giving, and stays possible for who gave', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose, ask, hold, stateOf } = await askAboutKim(world)
  const alone = (more: Partial<Guardianship> = {}) => hold('mother', { others: 0, ...more })
  const takeAway = async (of: TestSchool, idx: number) => {
    revoke(of, idx)
    world.clock.advance(6)
    await world.deps.schoolLists.refreshDue()
  }
  const giveConsent = async (held = alone()) => {
    const handle = await ask()
    t.equal((await decide(world, handle, 'yes', held)).body.state, 'given')
    return handle
  }

  t.test(
    'who refuses or withdraws shows about which child and who decides, and nothing that only a yes needs',
    async (t) => {
      for (const word of ['no', 'withdraw']) {
        const request = await fetchRequest(world, (await begin(world, await ask(), word)).body.authorization_request)
        t.same(request.dcql_query.credentials[0].claims, [
          { path: ['authority'] },
          { path: ['pseudonyms', world.url] },
          { path: ['holder_pseudonyms', world.url] },
        ])
      }
    },
  )

  t.test(
    'a guardian whose credential is older than the agreement with the app refuses and withdraws all the same',
    async (t) => {
      const older = () => hold('father', { apps: [] })
      t.equal((await decide(world, await ask(), 'no', older())).body.state, 'refused')
      t.equal((await decide(world, await giveConsent(), 'withdraw', older())).body.state, 'withdrawn')
    },
  )

  t.test('a guardian whose child has left the school takes back the yes of before, in either word', async (t) => {
    const held = alone({ idx: 60 })
    const [one, other] = [await giveConsent(held), await giveConsent(held)]
    await takeAway(school, 60)
    const reply = await decide(world, one, 'withdraw', held)
    t.match({ status: reply.status, ...reply.body }, { status: 200, state: 'withdrawn', delete_by: String })
    t.equal((await decide(world, other, 'no', held)).body.state, 'withdrawn')
    t.same((await decide(world, one, 'withdraw', held)).body.reason, 'ended', 'once')
  })

  t.test('and so does one whose credential has run out', async (t) => {
    const held = alone({ days: 2 })
    const handle = await giveConsent(held)
    world.clock.advance(5 * 86_400)
    t.equal((await decide(world, handle, 'withdraw', held)).body.state, 'withdrawn')
    t.equal((await decide(world, await ask(), 'yes', held)).status, 400, 'though it gives nothing any more')
  })

  t.test('and one whose school cannot be reached, or has left the federation', async (t) => {
    const gone = await createSchool(world, 'gone')
    await agree(world, gone, app, purpose)
    const of = (guardian: string, others: number) =>
      holdGuardianship(world, gone, { child: 'kim', guardian, apps: [app], others })
    const held = of('mother', 0)
    const [one, other] = [await openRequest(world, gone, app, purpose), await openRequest(world, gone, app, purpose)]
    for (const handle of [one, other]) t.equal((await decide(world, handle, 'yes', held)).body.state, 'given')
    world.others.answers.delete('GET /schools/gone/status-lists/1')
    world.clock.advance(7_200)
    t.equal((await decide(world, one, 'withdraw', held)).body.state, 'withdrawn')
    world.federation.expel(gone.entityId)
    world.clock.advance(601)
    const stranger = await decide(world, other, 'withdraw', of('father', 0))
    t.match({ status: stranger.status, ...stranger.body }, ENDED)
    t.equal((await decide(world, other, 'withdraw', held)).body.state, 'withdrawn')
  })

  t.test('a credential that was revoked never says yes, whoever holds it', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother', { idx: 61 }))
    await takeAway(school, 61)
    t.equal((await decide(world, handle, 'yes', hold('mother', { idx: 61 }))).status, 400)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('a revoked credential of somebody who said nothing about a request takes nothing away', async (t) => {
    const handle = await giveConsent()
    const father = hold('father', { idx: 62 })
    await takeAway(school, 62)
    for (const word of ['withdraw', 'no']) {
      const { status, body } = await decide(world, handle, word, father)
      t.match({ status, ...body }, ENDED, word)
    }
    const open = await ask()
    t.match(
      (await decide(world, open, 'no', father)).body,
      { reason: 'authority_ended' },
      'nor a question that is open',
    )
    t.same([await stateOf(handle), await stateOf(open)], ['given', 'requested'])
  })

  t.test('who lost authority before the others gave has no say in it: neither a veto nor the end', async (t) => {
    const handle = await ask()
    const held = hold('mother', { idx: 63 })
    await decide(world, handle, 'yes', held)
    await takeAway(school, 63)
    t.match((await decide(world, handle, 'no', held)).body, { reason: 'authority_ended' })
    t.equal((await decide(world, handle, 'yes', hold('father', { others: 0 }))).body.state, 'given')
    t.match((await decide(world, handle, 'withdraw', held)).body, { reason: 'authority_ended' }, 'her yes gave nothing')
    t.equal(await stateOf(handle), 'given')
  })

  t.test('who gave together with another one, and lost authority afterwards, takes back alone', async (t) => {
    const handle = await ask()
    const held = hold('mother', { idx: 66 })
    await decide(world, handle, 'yes', held)
    t.equal((await decide(world, handle, 'yes', hold('father'))).body.state, 'given')
    await takeAway(school, 66)
    t.equal((await decide(world, handle, 'withdraw', held)).body.state, 'withdrawn')
  })

  t.test('a revoked credential about another child takes nothing away, also of one who said yes', async (t) => {
    const handle = await giveConsent()
    const sibling = alone({ child: 'robin', idx: 64 })
    await takeAway(school, 64)
    t.match((await decide(world, handle, 'withdraw', sibling)).body, { reason: 'another_child' })
    t.equal(await stateOf(handle), 'given')
  })

  t.test('a credential that no school of the federation signed takes nothing away', async (t) => {
    const handle = await giveConsent()
    const { x5c } = school.protocolKey
    const forgers = {
      'with a key of its own under the certificate of the school': { ...generateSigningKey(), ...(x5c && { x5c }) },
      'with a certificate that is none': { ...generateSigningKey(), x5c: ['AAAA'] },
    }
    for (const [what, protocolKey] of Object.entries(forgers)) {
      const forged = holdGuardianship(
        world,
        { ...school, protocolKey },
        { child: 'kim', guardian: 'mother', apps: [app] },
      )
      t.equal((await decide(world, handle, 'withdraw', forged)).status, 400, what)
    }
    const east = await createSchool(world, 'east')
    const foreign = holdGuardianship(world, east, { child: 'kim', guardian: 'mother', apps: [app] })
    t.equal((await decide(world, handle, 'withdraw', foreign)).status, 403)
    t.equal(await stateOf(handle), 'given')
  })

  t.test('what a wallet answers with such a credential still has to be confirmed where it began', async (t) => {
    const held = alone({ idx: 65, decideUntil: dayAfter(world, 1) })
    const handle = await giveConsent(held)
    await takeAway(school, 65)
    const [begun, elsewhere] = [await begin(world, handle, 'withdraw'), await begin(world, handle, 'withdraw')]
    const answered = await respond(world, begun.body.authorization_request, held)
    t.equal((await comeBack(world, answered, elsewhere)).body.result, 'pairing-required')
    t.equal(await stateOf(handle), 'given')
    t.equal((await comeBack(world, answered, begun)).body.state, 'withdrawn')
  })
})
