import { generateSigningKey } from '@samen/jwt-profile'
import { guessesFrom, readEveryRow } from '@samen/test-kit'
import t from 'tap'
import { dumpValues } from './support/dump.ts'
import {
  agree,
  agreeOnPurpose,
  createApp,
  type Guardianship,
  holdGuardianship,
  openRequest,
  pseudonymOf,
  registerPurpose,
} from './support/members.ts'
import { startWorld } from './support/registry.ts'
import { begin, comeBack, cookieOf, decide, fetchRecord, fetchRequest, respond } from './support/wallet.ts'

t.test('what strangers, apps and thieves do not learn', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose } = await agreeOnPurpose(world)
  const reading = await createApp(world, 'lezen')
  const readingPurpose = await registerPurpose(world, reading)
  await agree(world, school, reading, readingPurpose)
  const hold = (child: string, guardian = `parent of ${child}`, more: Partial<Guardianship> = {}) =>
    holdGuardianship(world, school, { child, guardian, apps: [app, reading], others: 0, ...more })
  const ask = () => openRequest(world, school, app, purpose)

  // There is something to find about one child: a yes that stands, one that was taken back, a no; and a family looked back.
  const [given, takenBack, refused] = [await ask(), await ask(), await ask()]
  await decide(world, given, 'yes', hold('kim'))
  await decide(world, takenBack, 'yes', hold('kim'))
  await decide(world, takenBack, 'withdraw', hold('kim'))
  await decide(world, refused, 'no', hold('kim'))
  await fetchRecord(world, hold('kim'))

  t.test(
    'the record opens only in the browser that began, and there only with what the wallet brought back',
    async (t) => {
      const session = await world.call('POST', '/me/sessions', { form: {} })
      const link = session.body.authorization_request
      const cookie = cookieOf(session)
      const stranger = cookieOf(await world.call('POST', '/me/sessions', { form: {} }))
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'before the wallet has answered')
      const { body } = await respond(world, link, hold('kim'))
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'the cookie alone')
      for (const other of [undefined, stranger]) {
        const elsewhere = await world.call('GET', body.redirect_uri, other === undefined ? {} : { cookie: other })
        t.match(elsewhere.body, { result: 'pairing-required' }, 'the link in another browser')
        t.equal((await world.call('GET', '/me/record', other === undefined ? {} : { cookie: other })).status, 403)
      }
      t.equal((await world.call('GET', '/vp/returns/AAAAAAAAAAAAAAAAAAAAAA', { cookie })).status, 404)
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'nothing of that opened it')
      t.same((await world.call('GET', body.redirect_uri, { cookie })).body, { result: 'record' })
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 200)
      t.same(
        (await world.call('GET', body.redirect_uri, { cookie })).body,
        { result: 'done' },
        'the link a second time',
      )
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 200, 'and the page can be read again')
      world.clock.advance(601)
      t.equal((await world.call('GET', '/me/record', { cookie })).status, 403, 'for ten minutes')
    },
  )

  t.test('a session for looking back decides nothing, and a decision opens no record', async (t) => {
    const handle = await ask()
    const begun = await begin(world, handle, 'yes')
    const { body } = await respond(world, begun.body.authorization_request, hold('kim'))
    const asRecord = cookieOf(begun).replace('samen-decision', 'samen-record')
    await world.call('GET', body.redirect_uri, { cookie: asRecord })
    t.equal((await world.call('GET', '/me/record', { cookie: asRecord })).status, 403)
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const request = await fetchRequest(world, session.body.authorization_request)
    t.same(
      request.dcql_query.credentials[0].claims.map(({ path }: { path: string[] }) => path),
      [['authority'], ['pseudonyms', world.url]],
      'and asks for less',
    )
  })

  t.test('a self-made credential opens nothing', async (t) => {
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const forger = { ...school, protocolKey: { ...generateSigningKey(), x5c: school.protocolKey.x5c ?? [] } }
    const forged = holdGuardianship(world, forger, { child: 'kim', guardian: 'thief', apps: [app] })
    t.equal((await respond(world, session.body.authorization_request, forged)).status, 400)
  })

  t.test(
    'the app learns from the page neither a refusal nor who is missing: the same bytes until the question closes',
    async (t) => {
      const two = (child: string, guardian: string) => hold(child, guardian, { others: 1 })
      const [untouched, half, refused, halfRefused] = [await ask(), await ask(), await ask(), await ask()]
      await decide(world, half, 'yes', two('robin', 'mother'))
      await decide(world, refused, 'no', two('robin', 'mother'))
      await decide(world, halfRefused, 'yes', two('robin', 'mother'))
      await decide(world, halfRefused, 'no', two('robin', 'father'))
      const see = async (accept: string) => {
        const pages = await Promise.all(
          [untouched, half, refused, halfRefused].map(async (handle) => {
            const reply = await world.call('GET', `/requests/${handle}`, { accept })
            return `${reply.status} ${reply.text.replaceAll(handle, 'HANDLE')}`
          }),
        )
        return new Set(pages).size
      }
      t.equal(await see('text/html'), 1)
      t.equal(await see('application/json'), 1)
      const starts = await Promise.all(
        [untouched, refused].map((handle) =>
          world.call('POST', `/requests/${handle}/decisions`, { form: { decision: 'yes' } }),
        ),
      )
      t.same(
        starts.map(({ status }) => status),
        [201, 201],
      )
      world.clock.advance(15 * 86_400)
      t.equal(await see('text/html'), 1)
      t.equal(await see('application/json'), 1)
      world.clock.advance(-15 * 86_400)
    },
  )

  t.test(
    'a stolen database joins nothing: two consents of one child share no value that two children do not share',
    async (t) => {
      const decideBoth = async (child: string) => {
        const mine = [await ask(), await openRequest(world, school, reading, readingPurpose)]
        for (const handle of mine) {
          await decide(world, handle, 'yes', hold(child, `one parent of ${child}`, { others: 1 }))
          await decide(world, handle, 'yes', hold(child, `other parent of ${child}`, { others: 1 }))
        }
        return mine as [string, string]
      }
      world.clock.advance(1)
      const [first, second] = await decideBoth('quinn')
      world.clock.advance(1)
      const [third] = await decideBoth('lou')
      const values = await dumpValues(world.superuserUrl)
      const about = (handle: string) =>
        new Set(
          values
            .filter(({ row }) => JSON.stringify(row).includes(handle))
            .flatMap(({ text }) => text.match(/[A-Za-z0-9_+/\\=-]{6,}/g) ?? []),
        )
      const [a, b, stranger] = [about(first), about(second), about(third)]
      t.ok(a.size > 20 && b.size > 20, 'the rows were really found')
      const shared = [...a].filter((value) => b.has(value) && !stranger.has(value) && !isMoment(value))
      t.same(shared, [])
      const all = JSON.stringify(values)
      for (const secret of ['quinn', 'one parent of quinn'].flatMap((who) => [
        who,
        pseudonymOf(who, world.url),
        pseudonymOf(who, app.entityId),
      ])) {
        t.notMatch(all, secret)
        t.notMatch(all, Buffer.from(secret).toString('hex'))
        t.notMatch(all, Buffer.from(secret, 'base64url').toString('hex'))
      }
    },
  )

  t.test('no value of a stolen database opens anything', async (t) => {
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const answered = await respond(world, session.body.authorization_request, hold('kim'))
    const begun = await begin(world, await ask(), 'yes')
    const guesses = guessesFrom(await readEveryRow(world.superuserUrl))
    t.ok(guesses.length > 100, 'there is something to try')
    const opened = new Set<string>()
    for (const guess of guesses) {
      const cookie = `samen-record=${encodeURIComponent(guess)}`
      const name = encodeURIComponent(guess)
      if ((await world.call('GET', `/vp/returns/${name}`, { cookie })).status < 400) opened.add('a way back')
      if ((await world.call('GET', '/me/record', { cookie })).status < 400) opened.add('a record')
      if ((await world.call('GET', `/vp/requests/${name}`)).status < 400) opened.add('a request')
    }
    t.same([...opened], [])
    t.same((await comeBack(world, answered, session)).body, { result: 'record' }, 'what is right was not spent by that')
    t.equal((await world.call('GET', '/me/record', { cookie: cookieOf(session) })).status, 200)
    t.ok((await fetchRequest(world, begun.body.authorization_request)).nonce)
  })

  t.test('the log of the service holds no pseudonym, handle or code', async (t) => {
    const { body } = await fetchRecord(world, hold('kim'))
    const lines = world.logLines.join('\n')
    t.ok(lines.length > 1_000)
    for (const { handle } of body.consents) t.notMatch(lines, handle)
    t.notMatch(lines, pseudonymOf('kim', world.url))
    t.notMatch(lines, 'response_code')
  })
})

/** Dates and times are shared by whatever happens at that moment; in life, two requests of one child do not. */
function isMoment(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(value)
}
