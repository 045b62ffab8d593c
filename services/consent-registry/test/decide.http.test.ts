import { decisionNonce } from '@samen/consent'
import { sha256 } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { returnFromWallet } from '../src/presentation/confirm-presentation.ts'
import { receiveResponse } from '../src/presentation/receive-response.ts'
import { openBox } from '../src/record/box.ts'
import { countStatements } from './support/count-statements.ts'
import {
  agree,
  createApp,
  createSchool,
  type Guardianship,
  holdGuardianship,
  openRequest,
  pseudonymOf,
  registerPurpose,
  revoke,
} from './support/members.ts'
import { startWorld, until } from './support/registry.ts'
import { answerForm, begin, comeBack, cookieOf, decide, fetchRequest } from './support/wallet.ts'

t.test('what guardians decide about one request', async (t) => {
  const world = await startWorld(t)
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const purpose = await registerPurpose(world, app)
  const forOne = await registerPurpose(world, app)
  await agree(world, school, app, purpose)
  await agree(world, school, app, forOne, 'one')
  const ask = () => openRequest(world, school, app, purpose)
  const hold = (guardian: string, more: Partial<Guardianship> = {}) =>
    holdGuardianship(world, school, { child: 'kim', guardian, apps: [app], ...more })
  const stateOf = async (handle: string) => {
    const { state } = await world.deps.db.one<{ state: string }>(
      sql`select state from consent_request where handle = ${handle}`,
    )
    return state
  }

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

  t.test('a credential of another school says nothing about this one', async (t) => {
    const east = await createSchool(world, 'east')
    const handle = await ask()
    const foreign = holdGuardianship(world, east, { child: 'kim', guardian: 'mother', apps: [app], others: 0 })
    t.equal((await decide(world, handle, 'yes', foreign)).status, 403)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('a credential that the school revoked decides nothing', async (t) => {
    const handle = await ask()
    const held = hold('mother', { others: 0, idx: 77 })
    revoke(school, 77)
    world.clock.advance(2)
    await world.deps.schoolLists.refreshDue()
    t.equal((await decide(world, handle, 'yes', held)).status, 400)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('a credential of a school that left the federation decides nothing', async (t) => {
    const gone = await createSchool(world, 'gone')
    await agree(world, gone, app, purpose)
    const handle = await openRequest(world, gone, app, purpose)
    const held = holdGuardianship(world, gone, { child: 'kim', guardian: 'mother', apps: [app], others: 0 })
    world.federation.expel(gone.entityId)
    world.clock.advance(601)
    t.equal((await decide(world, handle, 'yes', held)).status, 400)
  })

  t.test('the wallet signs this very decision: nonce, salt and document fit, and the evidence shows it', async (t) => {
    const handle = await ask()
    const begun = await begin(world, handle, 'no')
    const request = await fetchRequest(world, begun.body.authorization_request)
    const held = hold('mother')
    const form = await answerForm(world, request, held)
    await comeBack(world, await world.call('POST', request.response_uri, { form }), begun)
    const { sealed } = await world.deps.db.one<{ sealed: Buffer }>(
      sql`select sealed_evidence as sealed from decision where handle = ${handle}`,
    )
    const evidence = JSON.parse(world.deps.keyring.open(sealed, `registry/evidence/${handle}`).toString())
    t.match(evidence.document, {
      handle,
      decision: 'no',
      purpose_id: purpose.id,
      app: app.entityId,
      school: school.entityId,
    })
    t.equal(decisionNonce(Buffer.from(evidence.salt, 'base64url'), evidence.document), request.nonce)
    t.not(
      decisionNonce(Buffer.from(evidence.salt, 'base64url'), { ...evidence.document, decision: 'yes' }),
      request.nonce,
      'a yes would have had another nonce',
    )
    t.equal(evidence.issuer_jwt, held.credential.split('~')[0])
    t.equal(JSON.parse(Buffer.from(evidence.kb_jwt.split('.')[1], 'base64url').toString()).nonce, request.nonce)
    t.notMatch(JSON.stringify(evidence), pseudonymOf('kim', world.url), 'no disclosure is kept')
  })

  t.test('a signature over a yes cannot be handed in for another request, or twice', async (t) => {
    const [first, second] = [await ask(), await ask()]
    const held = hold('mother')
    const yes = await fetchRequest(world, (await begin(world, first, 'yes')).body.authorization_request)
    const other = await fetchRequest(world, (await begin(world, second, 'yes')).body.authorization_request)
    const replayed = await answerForm(world, { ...other, nonce: yes.nonce }, held)
    t.equal((await world.call('POST', other.response_uri, { form: replayed })).status, 400)
    const form = await answerForm(world, yes, held)
    t.equal((await world.call('POST', yes.response_uri, { form })).status, 200)
    t.equal((await world.call('POST', yes.response_uri, { form })).status, 404)
    t.same([await stateOf(first), await stateOf(second)], ['requested', 'requested'])
  })

  t.test('an answer with another state, other audience, surplus claims or another type has no effect', async (t) => {
    const handle = await ask()
    const held = hold('mother')
    t.equal((await decide(world, handle, 'yes', held, { state: 'A'.repeat(22) })).status, 400)
    t.equal((await decide(world, handle, 'yes', held, { audience: 'x509_hash:someone-else' })).status, 400)
    const asked = await fetchRequest(world, (await begin(world, handle, 'yes')).body.authorization_request)
    const paths = asked.dcql_query.credentials[0].claims.map(({ path }: { path: string[] }) => path)
    t.equal((await decide(world, handle, 'yes', held, { disclose: [...paths, ['relation']] })).status, 400)
    const pupil = hold('mother', { vct: 'urn:samen:credential:pupil:1' })
    t.equal((await decide(world, handle, 'yes', pupil)).status, 400)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test(
    'the wallet is asked for authority and its last day, the number of holders and three pseudonyms, nothing more',
    async (t) => {
      const request = await fetchRequest(world, (await begin(world, await ask(), 'yes')).body.authorization_request)
      t.same(request.dcql_query.credentials, [
        {
          id: 'guardianship',
          format: 'dc+sd-jwt',
          meta: { vct_values: ['urn:samen:credential:guardianship:1'] },
          claims: [
            { path: ['authority'] },
            { path: ['co_holder_count'] },
            { path: ['decide_until'] },
            { path: ['pseudonyms', world.url] },
            { path: ['pseudonyms', app.entityId] },
            { path: ['holder_pseudonyms', world.url] },
          ],
        },
      ])
    },
  )

  t.test('a wallet that declines decides nothing', async (t) => {
    const handle = await ask()
    const begun = await begin(world, handle, 'yes')
    const request = await fetchRequest(world, begun.body.authorization_request)
    const form = { error: 'access_denied', state: request.state }
    const reply = await world.call('POST', request.response_uri, { form })
    t.equal(reply.status, 200)
    t.same((await comeBack(world, reply, begun)).body, { result: 'wallet-declined' })
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('the link is good for two minutes and its answer for five', async (t) => {
    const handle = await ask()
    const link = (await begin(world, handle, 'yes')).body.authorization_request
    const request = await fetchRequest(world, link)
    world.clock.advance(121)
    await t.rejects(fetchRequest(world, link))
    world.clock.advance(180)
    const late = await world.call('POST', request.response_uri, {
      form: await answerForm(world, request, hold('mother')),
    })
    t.equal(late.status, 404)
    t.equal(await stateOf(handle), 'requested')
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
