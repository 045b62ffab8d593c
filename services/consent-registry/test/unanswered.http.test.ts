import { sql } from '@samen/pg-kit'
import t from 'tap'
import { receiveResponse } from '../src/presentation/receive-response.ts'
import { serveRequest } from '../src/presentation/serve-request.ts'
import { agreeOnPurpose, holdGuardianship, openRequest } from './support/members.ts'
import { admitRegistry, openTestDeps, startWorld } from './support/registry.ts'
import { answerForm, begin, comeBack, decide, fetchRequest, respond } from './support/wallet.ts'

t.test('a wallet that was asked and has not answered', async (t) => {
  const world = await startWorld(t)
  const { deps } = world
  const { school, app, purpose } = await agreeOnPurpose(world)
  const ask = () => openRequest(world, school, app, purpose)
  const hold = (guardian = 'mother') =>
    holdGuardianship(world, school, { child: 'kim', guardian, apps: [app], others: 0 })
  const kept = async () => (await deps.db.one<{ rows: number }>(sql`select count(*) as rows from presentation`)).rows
  const idOf = (request: { response_uri: string }) => request.response_uri.split('/').at(-1) ?? ''

  t.test('twenty open questions of a stranger do not keep a guardian from withdrawing', async (t) => {
    const handle = await ask()
    t.equal((await decide(world, handle, 'yes', hold())).body.state, 'given')
    for (let i = 0; i < 25; i += 1) await begin(world, handle, 'withdraw')
    t.equal((await decide(world, handle, 'withdraw', hold('father'))).body.state, 'withdrawn')
  })

  t.test('hundreds of questions of strangers, fetched and declined, leave no row', async (t) => {
    const handle = await ask()
    const before = await kept()
    for (let i = 0; i < 300; i += 1) {
      t.equal((await world.call('POST', '/me/sessions', { form: {} })).status, 201)
    }
    for (let i = 0; i < 10; i += 1) {
      const request = await fetchRequest(world, (await begin(world, handle, 'no')).body.authorization_request)
      const form = { error: 'access_denied', state: request.state }
      t.equal((await world.call('POST', request.response_uri, { form })).status, 200)
    }
    t.equal(await kept(), before)
  })

  t.test(
    'who declines in the name of a guardian takes nothing from the guardian: the same link still works',
    async (t) => {
      const handle = await ask()
      const begun = await begin(world, handle, 'yes')
      const request = await fetchRequest(world, begun.body.authorization_request)
      const declined = await world.call('POST', request.response_uri, {
        form: { error: 'access_denied', state: request.state },
      })
      t.same((await comeBack(world, declined, begun)).body, { result: 'wallet-declined' })
      const page = await world.call('GET', `${declined.body.redirect_uri}?lang=nl`, { accept: 'text/html' })
      t.match(page.text, 'Er is niets gedeeld')
      const answered = await respond(world, begun.body.authorization_request, hold())
      t.equal((await comeBack(world, answered, begun)).body.state, 'given')
    },
  )

  t.test(
    'each question has a key, state and nonce of its own, also for the same word at the same moment',
    async (t) => {
      const handle = await ask()
      const link = (await begin(world, handle, 'yes')).body.authorization_request
      const [one, again] = [await fetchRequest(world, link), await fetchRequest(world, link)]
      const other = await fetchRequest(world, (await begin(world, handle, 'yes')).body.authorization_request)
      const secrets = (request: typeof one) => [request.nonce, request.state, request.client_metadata.jwks.keys[0].x]
      t.same(secrets(one), secrets(again), 'and keeps them')
      for (const [at, secret] of secrets(one).entries()) t.not(secret, secrets(other)[at])
    },
  )

  t.test('a link that was changed, shortened or spelled in another way is none', async (t) => {
    const { request_uri } = Object.fromEntries(
      new URL((await begin(world, await ask(), 'yes')).body.authorization_request).searchParams,
    )
    const id = request_uri?.split('/').at(-1) ?? ''
    const swapped = `${id.slice(0, 30)}${id[30] === 'A' ? 'B' : 'A'}${id.slice(31)}`
    for (const wrong of [
      swapped,
      id.slice(0, -1),
      `${id}A`,
      `${id}=`,
      id.replace(/.$/, '.'),
      'A'.repeat(id.length),
      '',
    ]) {
      t.equal((await world.call('GET', `/vp/requests/${wrong}`)).status, 404, wrong)
    }
    t.equal((await world.call('GET', `/vp/requests/${id}`)).status, 200)
  })

  t.test('whichever process is asked, also in the hour in which their certificates differ', async (t) => {
    const second = await openTestDeps(world.config, world)
    t.teardown(() => second.close())
    await admitRegistry(world.federation, deps)
    world.clock.advance(6)
    await second.membership.pull()
    const certificate = (of: typeof deps) => of.membership.certified(of.keys.request).x5c[0]
    t.not(certificate(second), certificate(deps))
    const handle = await ask()
    const asked = await fetchRequest(world, (await begin(world, handle, 'yes')).body.authorization_request)
    const served = JSON.parse(
      Buffer.from((await serveRequest(second, idOf(asked), 'not-used')).split('.')[1] ?? '', 'base64url').toString(),
    )
    t.equal(served.client_id, asked.client_id)
    t.match(await receiveResponse(second, idOf(asked), await answerForm(world, served, hold())), {
      redirect_uri: String,
    })
  })
})
