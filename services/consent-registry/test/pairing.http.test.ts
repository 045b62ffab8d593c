import { decodeJwt, decryptJwe, generateEncryptionKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { agreeOnPurpose, holdGuardianship, openRequest } from './support/members.ts'
import { readState } from './support/questions.ts'
import { type Reply, startWorld } from './support/registry.ts'
import { begin, comeBack, cookieOf, respond } from './support/wallet.ts'

t.test('a wallet on another device than the page', async (t) => {
  const world = await startWorld(t)
  const { school, app, purpose } = await agreeOnPurpose(world)
  const ask = () => openRequest(world, school, app, purpose)
  const hold = () => holdGuardianship(world, school, { child: 'kim', guardian: 'mother', apps: [app], others: 0 })
  const see = (url: string, cookie?: string) =>
    world.call('GET', url, { accept: 'text/html', ...(cookie && { cookie }) })
  const type = (number: string, begun: Reply, kind = 'decision') =>
    world.call('POST', `/vp/pairing/${kind}`, { form: { number }, cookie: cookieOf(begun) })
  const stateOf = (handle: string) => readState(world, handle)
  /** The page on the laptop, the answer of the phone, and the number that the phone shows. */
  const answerByPhone = async (handle: string, word = 'yes') => {
    const begun = await begin(world, handle, word)
    const answered = await respond(world, begun.body.authorization_request, hold())
    const phone = await world.call('GET', answered.body.redirect_uri)
    return { begun, answered, number: String(phone.body.pairing_number) }
  }
  const wrongFor = (number: string) => String((Number(number) + 1) % 1_000_000).padStart(6, '0')

  t.test('the signature alone decides nothing: it counts when the number is typed where it began', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    t.equal(await stateOf(handle), 'requested')
    t.match(number, /^\d{6}$/)
    t.match((await type(number, begun)).body, { result: 'decided', decision: 'yes', state: 'given' })
    t.equal(await stateOf(handle), 'given')
    t.equal((await type(number, begun)).status, 403, 'once')
  })

  t.test('a parent who was sent the link of somebody else reads what it means, and decides nothing', async (t) => {
    const handle = await ask()
    const stranger = await begin(world, handle, 'yes')
    const answered = await respond(world, stranger.body.authorization_request, hold())
    const page = await see(`${answered.body.redirect_uri}?lang=nl`)
    t.equal(page.status, 200)
    t.match(page.text, 'Je geeft App rekenen toestemming')
    t.match(page.text, /\d{3} \d{3}/)
    t.match(page.text, 'Er is niets besloten')
    t.notMatch(page.text, /<script/)
    t.match((await see(`${answered.body.redirect_uri}?lang=en`)).text, 'Nothing has been decided')
    t.equal(await stateOf(handle), 'requested')
    t.equal((await see(`/requests/${handle}`, cookieOf(stranger))).status, 200)
    t.equal(await stateOf(handle), 'requested', 'and the stranger cannot make it count without that number')
  })

  t.test('the number works only in the browser that began, also when another one has a session', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    const other = await begin(world, handle, 'yes')
    t.equal((await type(number, other)).status, 403)
    t.equal((await world.call('POST', '/vp/pairing/decision', { form: { number } })).status, 403, 'or none')
    t.equal(await stateOf(handle), 'requested')
    t.equal((await type(`${number.slice(0, 3)} ${number.slice(3)}`, begun)).status, 200, 'typed as it is shown')
  })

  t.test('after five numbers the right one is worthless, and nothing says that it was right', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    const wrong = []
    for (let i = 0; i < 5; i += 1) wrong.push(await type(wrongFor(number), begun))
    const right = await type(number, begun)
    t.same(new Set([...wrong, right].map(({ status, text }) => `${status} ${text}`)).size, 1)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('forty numbers at the same moment are no more than five tries', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    await Promise.all(Array.from({ length: 40 }, () => type(wrongFor(number), begun)))
    const { tries } = await world.deps.db.one<{ tries: number }>(
      sql`select max(pairing_tries) as tries from presentation where handle = ${handle}`,
    )
    t.equal(tries, 5)
  })

  t.test('the right number typed five times at once is one decision', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    const replies = await Promise.all(Array.from({ length: 5 }, () => type(number, begun)))
    t.equal(replies.filter(({ body }) => body?.result === 'decided').length, 1)
    const { count } = await world.deps.db.one<{ count: number }>(
      sql`select count(*) as count from decision where handle = ${handle}`,
    )
    t.equal(count, 1)
  })

  t.test('five minutes after the answer the number is worthless', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle)
    world.clock.advance(301)
    t.equal((await type(number, begun)).status, 403)
    t.equal(await stateOf(handle), 'requested')
  })

  t.test('a number typed before the wallet answers leads to a page that says so and asks again', async (t) => {
    const begun = await begin(world, await ask(), 'yes')
    const page = await world.call('POST', '/vp/pairing/decision?lang=nl', {
      form: { number: '123456' },
      cookie: cookieOf(begun),
      accept: 'text/html',
    })
    t.equal(page.status, 403)
    t.match(page.text, 'je wallet heeft nog niet geantwoord')
    t.match(page.text, '<input name="number"')
    t.match((await see('/vp/pairing/decision?lang=en')).text, 'Type the number on your phone')
  })

  t.test('in the browser the number leads back to the question, which says what was done', async (t) => {
    const handle = await ask()
    const { begun, number } = await answerByPhone(handle, 'no')
    const back = await world.call('POST', '/vp/pairing/decision?lang=nl', {
      form: { number },
      cookie: cookieOf(begun),
      accept: 'text/html',
    })
    t.equal(back.status, 303)
    const page = await see(
      new URL(back.headers.get('location') ?? '', `${world.url}/vp/pairing/decision`).href,
      cookieOf(begun),
    )
    t.match(page.text, 'Je hebt nee gezegd')
  })

  t.test('a decision without effect says why, in words, to the guardian who took it', async (t) => {
    const handle = await ask()
    const one = await answerByPhone(handle, 'withdraw')
    const reply = await type(one.number, one.begun)
    t.match(
      { status: reply.status, ...reply.body },
      { status: 403, result: 'not-decided', reason: 'nothing_to_withdraw' },
    )
    t.match((await see(`/requests/${handle}?lang=nl`, cookieOf(one.begun))).text, 'Er is geen ja om in te trekken')
    t.equal((await type(one.number, one.begun)).status, 403, 'and the same signature cannot be used later')
  })

  t.test('the record of a child opens by number too, and never for who only has the link', async (t) => {
    const session = await world.call('POST', '/me/sessions', { form: {} })
    const answered = await respond(world, session.body.authorization_request, hold())
    const phone = await world.call('GET', answered.body.redirect_uri)
    t.notMatch(phone.text, /record"/)
    t.equal((await world.call('GET', '/me/record', { cookie: cookieOf(session) })).status, 403)
    t.equal((await type(phone.body.pairing_number, session, 'record')).status, 200)
    t.equal((await world.call('GET', '/me/record', { cookie: cookieOf(session) })).status, 200)
  })

  t.test('a wallet may post nothing, its nonce, or a key to encrypt the request to', async (t) => {
    const begun = await begin(world, await ask(), 'yes')
    const link = new URL(begun.body.authorization_request).searchParams.get('request_uri') ?? ''
    const payloadOf = (text: string) => decodeJwt(text, { maxBytes: 65_536 }).payload
    const silent = await world.call('POST', link)
    t.equal(silent.status, 200)
    t.notOk('wallet_nonce' in payloadOf(silent.text))
    const named = await world.call('POST', link, { form: { wallet_nonce: 'not-used' } })
    t.equal(payloadOf(named.text)['wallet_nonce'], 'not-used')
    const { publicJwk, privateJwk, kid } = generateEncryptionKey()
    const wallet_metadata = JSON.stringify({ jwks: { keys: [publicJwk] } })
    const sealed = await world.call('POST', link, { form: { wallet_metadata } })
    const policy = { kid, enc: ['A128GCM'] as const, maxBytes: 65_536 }
    const { plaintext } = decryptJwe(sealed.text, privateJwk, policy)
    t.equal(payloadOf(plaintext)['nonce'], payloadOf(silent.text)['nonce'])
  })

  t.test('a wallet that declined on the phone shows no number there', async (t) => {
    const begun = await begin(world, await ask(), 'yes')
    const link = new URL(begun.body.authorization_request).searchParams.get('request_uri') ?? ''
    const payload = (await world.call('GET', link)).text.split('.')[1] ?? ''
    const request = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const form = { error: 'access_denied', state: request.state }
    const answered = await world.call('POST', request.response_uri, { form })
    const page = await see(`${answered.body.redirect_uri}?lang=nl`)
    t.match(page.text, 'Er is niets besloten')
    t.notMatch(page.text, /\d{3} \d{3}</)
    t.match((await comeBack(world, answered, begun)).body, { result: 'wallet-declined' })
  })
})
