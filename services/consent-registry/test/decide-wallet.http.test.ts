import { decisionNonce } from '@samen/consent'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { agree, createSchool, holdGuardianship, openRequest, pseudonymOf, revoke } from './support/members.ts'
import { askAboutKim } from './support/questions.ts'
import { startWorld } from './support/registry.ts'
import { answerForm, begin, comeBack, decide, fetchRequest } from './support/wallet.ts'

t.test('what the wallet of a guardian is asked, and which of its answers count', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose, ask, hold, stateOf } = await askAboutKim(world)

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

  t.test('a question that was answered is shown to nobody any more, also before it counts', async (t) => {
    const begun = await begin(world, await ask(), 'yes')
    const session = await world.call('POST', '/me/sessions', { form: {} })
    for (const { authorization_request: link } of [begun.body, session.body]) {
      const served = async () => (await world.call('GET', new URL(link).searchParams.get('request_uri') ?? '')).status
      const request = await fetchRequest(world, link)
      t.equal(await served(), 200, 'as often as a wallet asks')
      await world.call('POST', request.response_uri, { form: await answerForm(world, request, hold('mother')) })
      t.equal(await served(), 404)
    }
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
    world.clock.advance(6)
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
})
