import { generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { deskOrder, makeOffer, offerPath, openNode, readCode } from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'

t.test('the token endpoint', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  const offered = async (credentials = ['pupil']) => {
    const offer = await makeOffer(node, school, deskOrder('anna', credentials))
    return { offer, code: await readCode(node, offer), txCode: offer.tx_code ?? '' }
  }
  const wrong = (txCode: string) => (txCode === '000000' ? '000001' : '000000')
  const wallet = () => new TestWallet(node, school)
  const errorOf = (reply: { statusCode: number; json: () => { error?: string } }) =>
    `${reply.statusCode} ${reply.json().error}`
  const stateOf = async (id: string) =>
    (await node.db(school.slug).one<{ state: string }>(sql`select state from offer where id = ${id}`)).state

  t.test('a code becomes a token that is bound to the wallet’s key', async (t) => {
    const { code, txCode } = await offered()
    const reply = await wallet().redeem(code, txCode)
    t.equal(reply.statusCode, 200)
    t.equal(reply.headers['cache-control'], 'no-store')
    t.match(reply.headers['content-type'], /^application\/json/)
    const body = reply.json()
    t.same(Object.keys(body).sort(), ['access_token', 'expires_in', 'token_type'], 'no c_nonce')
    t.equal(body.token_type, 'DPoP')
    t.notOk(body.access_token.includes(code), 'the token does not hold the code')
  })

  t.test('a code works once; of twenty at the same moment one gets a token', async (t) => {
    const { offer, code, txCode } = await offered()
    const replies = await Promise.all(Array.from({ length: 20 }, () => wallet().redeem(code, txCode)))
    t.equal(replies.filter((reply) => reply.statusCode === 200).length, 1)
    t.same(new Set(replies.filter((reply) => reply.statusCode !== 200).map(errorOf)), new Set(['400 invalid_grant']))
    t.equal(errorOf(await wallet().redeem(code, txCode)), '400 invalid_grant')
    const { count } = await node
      .db(school.slug)
      .one<{ count: number }>(sql`select count(*) from access_token where offer = ${offer.id}`)
    t.equal(count, 1)
  })

  t.test(
    'a code that is used, expired, withdrawn, guessed to death or never was is one and the same refusal',
    async (t) => {
      const used = await offered()
      await wallet().redeem(used.code, used.txCode)
      const dead = await offered()
      for (let i = 0; i < 5; i++) await wallet().redeem(dead.code, wrong(dead.txCode))
      const withdrawn = await offered()
      await node.app.inject({
        method: 'DELETE',
        url: `/v1/schools/${school.slug}/offers/${withdrawn.offer.id}`,
        headers: { authorization: `Bearer ${school.apiKey}` },
      })
      const expired = await offered()
      const bodies = new Set<string>()
      node.clock.advance(86_401)
      for (const { code, txCode } of [used, dead, withdrawn, expired, { code: 'x'.repeat(43), txCode: '123456' }]) {
        const reply = await wallet().redeem(code, txCode)
        t.equal(reply.statusCode, 400)
        bodies.add(reply.body)
      }
      t.equal(bodies.size, 1)
      t.match([...bodies][0], 'invalid_grant')
    },
  )

  t.test('a transaction code that is missing, or not expected, is invalid_request and costs nothing', async (t) => {
    const { code, txCode } = await offered()
    for (let i = 0; i < 6; i++) t.equal(errorOf(await wallet().redeem(code, undefined)), '400 invalid_request')
    t.equal((await wallet().redeem(code, txCode)).statusCode, 200)
    const open = await makeOffer(node, school, { ...deskOrder('anna'), tx_code: 'none' })
    const openCode = await readCode(node, open)
    t.equal(errorOf(await wallet().redeem(openCode, '123456')), '400 invalid_request')
    t.equal((await wallet().redeem(openCode, undefined)).statusCode, 200)
  })

  t.test('a wrong transaction code leaves four more tries', async (t) => {
    const { code, txCode } = await offered()
    for (let i = 0; i < 4; i++) t.equal(errorOf(await wallet().redeem(code, wrong(txCode))), '400 invalid_grant')
    t.equal((await wallet().redeem(code, txCode)).statusCode, 200)
  })

  t.test('the fifth wrong one kills the offer, also for the right one, and the school is told', async (t) => {
    const { offer, code, txCode } = await offered()
    for (let i = 0; i < 5; i++) await wallet().redeem(code, wrong(txCode))
    t.equal(errorOf(await wallet().redeem(code, txCode)), '400 invalid_grant')
    t.equal(await stateOf(offer.id), 'dead')
    const events = await node
      .db(school.slug)
      .many<{ outcome: string }>(
        sql`select outcome from audit_event where action = 'offer.redeemed' and object = ${offer.id}`,
      )
    t.same(events.map((event) => event.outcome).sort(), ['dead', 'refused', 'refused', 'refused', 'refused'])
    const state = await node.app.inject({
      method: 'GET',
      url: `/v1/schools/${school.slug}/offers/${offer.id}`,
      headers: { authorization: `Bearer ${school.apiKey}` },
    })
    t.equal(state.json().state, 'dead')
    t.equal((await node.app.inject({ method: 'GET', url: offerPath(offer) })).statusCode, 404)
  })

  t.test('a hundred guesses at the same moment are five guesses', async (t) => {
    const { offer, code, txCode } = await offered()
    const guesses = Array.from({ length: 100 }, (_, i) => String(i).padStart(6, '0')).filter(
      (guess) => guess !== txCode,
    )
    const replies = await Promise.all(guesses.map((guess) => wallet().redeem(code, guess)))
    const refusals = new Set(['400 invalid_grant', '429 temporarily_unavailable'])
    t.ok(replies.every((reply) => refusals.has(errorOf(reply))))
    t.equal(await stateOf(offer.id), 'dead')
    const { count } = await node
      .db(school.slug)
      .one<{ count: number }>(
        sql`select count(*) from audit_event where action = 'offer.redeemed' and object = ${offer.id}`,
      )
    t.equal(count, 5)
  })

  t.test('wallets come without a name, and one with a name is served as well', async (t) => {
    const { code, txCode } = await offered()
    t.equal((await wallet().redeem(code, txCode, { client_id: 'https://wallet.example', foo: 'bar' })).statusCode, 200)
  })

  t.test('a request in another form is refused in the words of OAuth', async (t) => {
    const { code, txCode } = await offered()
    const post = (payload: string, contentType: string | undefined, dpop = wallet().dpop('token')) =>
      node.app.inject({
        method: 'POST',
        url: `/schools/${school.slug}/token`,
        headers: { ...(contentType && { 'content-type': contentType }), dpop },
        payload,
      })
    const form = 'application/x-www-form-urlencoded'
    const grant = 'grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code'
    const table: [string, string | undefined, string][] = [
      [JSON.stringify({ grant_type: 'x' }), 'application/json', '400 invalid_request'],
      [`${grant}&pre-authorized_code=${code}`, 'text/plain', '400 invalid_request'],
      [`${grant}&pre-authorized_code=${code}`, undefined, '400 invalid_request'],
      ['', form, '400 invalid_request'],
      [grant, form, '400 invalid_request'],
      [`${grant}&pre-authorized_code=`, form, '400 invalid_request'],
      [`pre-authorized_code=${code}`, form, '400 invalid_request'],
      [
        `${grant}&pre-authorized_code=${code}&pre-authorized_code=${code}&tx_code=${txCode}`,
        form,
        '400 invalid_request',
      ],
      [`${grant}&pre-authorized_code=${code}&tx_code=${txCode}&tx_code=000000`, form, '400 invalid_request'],
      [`${grant}&pre-authorized_code=${code}&tx_code=${txCode}&client_id=anonymous`, form, '400 invalid_request'],
      [
        `${grant}&pre-authorized_code=${code}&tx_code=${txCode}&client_id=${'a'.repeat(256)}`,
        form,
        '400 invalid_request',
      ],
      [`grant_type=authorization_code&code=${code}`, form, '400 unsupported_grant_type'],
      [`grant_type=password&username=a&password=b`, form, '400 unsupported_grant_type'],
    ]
    for (const [payload, type, expected] of table) t.equal(errorOf(await post(payload, type)), expected, payload)
    t.equal((await wallet().redeem(code, txCode)).statusCode, 200, 'none of them cost the code')
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      const reply = await node.app.inject({ method, url: `/schools/${school.slug}/token` })
      t.equal(reply.statusCode, 405)
      t.equal(reply.headers.allow, 'POST')
    }
  })

  t.test('a token can be narrowed to a part of the offer, and then asks by identifier', async (t) => {
    const { code, txCode } = await offered(['pupil', 'guardianship'])
    const details = (...ids: string[]) => ({
      authorization_details: JSON.stringify(
        ids.map((id) => ({ type: 'openid_credential', credential_configuration_id: id })),
      ),
    })
    for (const wrongDetails of [
      details('diploma'),
      details('pupil', 'pupil'),
      { authorization_details: '[]' },
      { authorization_details: '{' },
      { authorization_details: '[{"type":"payment"}]' },
      { authorization_details: '[{"type":"openid_credential","type":"x","credential_configuration_id":"pupil"}]' },
    ])
      t.equal(errorOf(await wallet().redeem(code, txCode, wrongDetails)), '400 invalid_authorization_details')
    const holder = wallet()
    const reply = await holder.redeem(code, txCode, details('pupil'))
    t.same(reply.json().authorization_details, [
      { type: 'openid_credential', credential_configuration_id: 'pupil', credential_identifiers: ['pupil.1'] },
    ])
    holder.accessToken = reply.json().access_token
    const jwt = [holder.proof(await holder.nonce())]
    t.equal((await holder.ask({ credential_identifier: 'pupil.1', proofs: { jwt } })).statusCode, 200)
    t.equal(errorOf(await holder.askFor('pupil')), '400 invalid_credential_request')
    const more = [holder.proof(await holder.nonce())]
    t.equal(
      errorOf(await holder.ask({ credential_identifier: 'guardianship.1', proofs: { jwt: more } })),
      '403 insufficient_scope',
    )
  })

  t.test('a code of one school is nothing at another', async (t) => {
    const { code, txCode } = await offered()
    t.equal(errorOf(await new TestWallet(node, other).redeem(code, txCode)), '400 invalid_grant')
    t.equal((await wallet().redeem(code, txCode)).statusCode, 200)
  })

  t.test('codes that nobody made leave nothing in the database', async (t) => {
    const count = async () =>
      (await node.db(school.slug).one<{ count: number }>(sql`select count(*) from dpop_proof`)).count
    const before = await count()
    for (let i = 0; i < 20; i++) await wallet().redeem(generateSigningKey().kid, '123456')
    t.equal(await count(), before)
  })
})
