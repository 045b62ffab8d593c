import { sha256 } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import { until } from '@samen/test-kit'
import t from 'tap'
import { returnFromWallet } from '../src/presentation/confirm-presentation.ts'
import { receiveResponse } from '../src/presentation/receive-response.ts'
import { countStatements } from './support/count-statements.ts'
import { agree, openRequest, pseudonymOf, registerPurpose } from './support/members.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { answerForm, begin, cookieOf, decide, fetchRequest } from './support/wallet.ts'

t.test('what guardians decide about one request', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose, ask, hold, stateOf } = await askAboutKim(world)
  const forOne = await registerPurpose(world, app)
  await agree(world, school, app, forOne, 'one')

  t.test(
    'both guardians say yes: given, the app gets one receipt that only its own pseudonym of the child fits',
    async (t) => {
      const handle = await ask()
      const one = await decide(world, handle, 'yes', hold('mother'))
      t.match({ status: one.status, ...one.body }, { status: 200, decision: 'yes', state: 'requested' }, one.text)
      t.equal(app.receipts.length, 0, 'nothing is sent while somebody is missing')
      const two = await decide(world, handle, 'yes', hold('father'))
      t.match({ status: two.status, ...two.body }, { status: 200, decision: 'yes', state: 'given' }, two.text)
      await until('the receipt arrived', () => app.receipts.length === 1)
      const receipt = (app.receipts.at(-1) as { receipt: Record<string, string> }).receipt
      t.match(receipt, { handle, purpose_id: purpose.id, purpose_version: 1, school: school.entityId })
      const bound = (who: string) =>
        sha256(Buffer.concat([Buffer.from(receipt['binding_salt'] ?? '', 'base64url'), Buffer.from(who)])).toString(
          'base64url',
        )
      t.equal(receipt['binding'], bound(pseudonymOf('kim', app.entityId)))
      t.not(receipt['binding'], bound(pseudonymOf('sam', app.entityId)))
      await until('the binding is forgotten', async () => {
        const row = await world.deps.db.one<{ gone: boolean }>(
          sql`select sealed_receipt is null as gone from consent_request where handle = ${handle}`,
        )
        return row.gone
      })
    },
  )

  t.test('one no is enough, whoever says it, and it is for good', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother'))
    t.equal((await decide(world, handle, 'no', hold('father'))).body.state, 'refused')
    for (const guardian of ['mother', 'father']) {
      t.equal((await decide(world, handle, 'yes', hold(guardian))).status, 403)
    }
    t.equal(await stateOf(handle), 'refused')
  })

  t.test('the same guardian does not count twice, also not with another copy of the credential', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother'))
    const again = await decide(world, handle, 'yes', hold('mother'))
    t.equal(again.status, 403)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test(
    'a guardian of another child is refused after the first decision, with yes, no and withdraw alike',
    async (t) => {
      const handle = await ask()
      await decide(world, handle, 'yes', hold('mother'))
      for (const word of ['yes', 'no', 'withdraw']) {
        const reply = await decide(world, handle, word, hold('stranger', { child: 'sam' }))
        t.equal(reply.status, 403, word)
      }
      t.equal(await stateOf(handle), 'requested')
    },
  )

  t.test('guardians whose credentials disagree on how many they are do not add up to a yes', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother', { others: 2 }))
    t.equal((await decide(world, handle, 'yes', hold('father', { others: 1 }))).status, 403)
    t.equal(await stateOf(handle), 'requested')
    t.equal((await decide(world, handle, 'no', hold('father', { others: 1 }))).body.state, 'refused')
  })

  t.test(
    'a guardian alone, a voogd and an institution decide alone; any other word for authority decides nothing',
    async (t) => {
      for (const authority of ['sole', 'voogd', 'institution']) {
        const reply = await decide(world, await ask(), 'yes', hold('mother', { authority, others: 0 }))
        t.equal(reply.body.state, 'given', authority)
      }
      const none = await decide(world, await ask(), 'yes', hold('mother', { authority: 'none', others: 0 }))
      t.equal(none.status, 400)
    },
  )

  t.test('where the school asks one guardian, one yes is enough, and the other may still take it back', async (t) => {
    const handle = await openRequest(world, school, app, forOne)
    t.equal((await decide(world, handle, 'yes', hold('mother'))).body.state, 'given')
    t.equal((await decide(world, handle, 'withdraw', hold('father'))).body.state, 'withdrawn')
  })

  t.test('nobody answers: the request expires, and a late yes is refused', async (t) => {
    const handle = await ask()
    await decide(world, handle, 'yes', hold('mother'))
    world.clock.advance(14 * 86_400)
    await world.deps.schoolLists.refreshDue()
    t.equal((await decide(world, handle, 'yes', hold('father'))).status, 403)
    await until('the end is recorded', async () => (await stateOf(handle)) === 'expired')
    world.clock.advance(-14 * 86_400)
    t.equal((await decide(world, handle, 'yes', hold('father'))).status, 403, 'also when the clock is set back')
  })

  t.test('an answer costs two statements, its confirmation two; what goes outward costs one more', async (t) => {
    const handle = await ask()
    const cost = async (guardian: string) => {
      const begun = await begin(world, handle, 'yes')
      const request = await fetchRequest(world, begun.body.authorization_request)
      const form = await answerForm(world, request, hold(guardian))
      const answer = countStatements(world.deps.db)
      const id = request.response_uri.split('/').at(-1)
      const { redirect_uri } = await receiveResponse({ ...world.deps, db: answer.db }, id, form)
      const confirmation = countStatements(world.deps.db)
      const secret = cookieOf(begun).split('=')[1] ?? ''
      await returnFromWallet({ ...world.deps, db: confirmation.db }, redirect_uri.split('/').at(-1) ?? '', [secret])
      return [answer.count(), confirmation.count()]
    }
    t.same(await cost('mother'), [2, 2])
    t.same(await cost('father'), [2, 4], 'and one to see whether the authority behind the first yes still stands')
    t.equal(await stateOf(handle), 'given')
  })

  t.test('an unknown handle, and one that never was, are answered alike', async (t) => {
    const form = { decision: 'yes' }
    const replies = await Promise.all(
      ['AAAAAAAAAAAAAAAAAAAAAA', 'x'].map((handle) => world.call('POST', `/requests/${handle}/decisions`, { form })),
    )
    t.same(
      replies.map(({ status }) => status),
      [404, 404],
    )
    t.equal(replies[0]?.text, replies[1]?.text)
  })

  t.test('a word that is none is refused before any wallet is asked', async (t) => {
    for (const form of [{ decision: 'all' }, {} as Record<string, string>]) {
      t.equal((await world.call('POST', `/requests/${await ask()}/decisions`, { form })).status, 400)
    }
  })
})
