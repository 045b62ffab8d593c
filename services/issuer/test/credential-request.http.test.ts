import { generateSigningKey } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import t from 'tap'
import { deskOrder, makeOffer, openNode } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

t.test('a credential request', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  await school.addPupil('anna')
  await other.addPupil('anna')
  type Reply = { statusCode: number; json: () => { error?: string } }
  const errorOf = (reply: Reply) => `${reply.statusCode} ${reply.json().error}`
  const count = async (table: 'status_index' | 'issuance' | 'spent_nonce') =>
    (
      await node
        .db(school.slug)
        .one<{ count: number }>(
          table === 'status_index'
            ? sql`select count(*) from status_index`
            : table === 'issuance'
              ? sql`select count(*) from issuance`
              : sql`select count(*) from spent_nonce`,
        )
    ).count

  t.test('a request that is malformed is told exactly how, and costs nothing', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const jwt = [wallet.proof(await wallet.nonce())]
    const before = [await count('status_index'), await count('issuance'), await count('spent_nonce')]
    const table: [unknown, string][] = [
      ['{"credential_configuration_id":"pupil"', '400 invalid_credential_request'],
      [
        '{"credential_configuration_id":"pupil","credential_configuration_id":"pupil"}',
        '400 invalid_credential_request',
      ],
      ['', '400 invalid_credential_request'],
      ['[]', '400 invalid_credential_request'],
      [{ proofs: { jwt } }, '400 invalid_credential_request'],
      [
        { credential_configuration_id: 'pupil', credential_identifier: 'pupil.1', proofs: { jwt } },
        '400 invalid_credential_request',
      ],
      [{ credential_configuration_id: 'diploma', proofs: { jwt } }, '400 unknown_credential_configuration'],
      [{ credential_identifier: 'x', proofs: { jwt } }, '400 unknown_credential_identifier'],
      [{ format: 'vc+sd-jwt', proof: { proof_type: 'jwt', jwt: jwt[0] } }, '400 invalid_credential_request'],
      [{ credential_configuration_id: 'pupil', proof: { proof_type: 'jwt', jwt: jwt[0] } }, '400 invalid_proof'],
      [{ credential_configuration_id: 'pupil' }, '400 invalid_proof'],
      [{ credential_configuration_id: 'pupil', proofs: { jwt: [] } }, '400 invalid_proof'],
      [{ credential_configuration_id: 'pupil', proofs: { jwt, attestation: ['a'] } }, '400 invalid_proof'],
      [
        { credential_configuration_id: 'pupil', proofs: { jwt }, credential_response_encryption: {} },
        '400 invalid_encryption_parameters',
      ],
      [{ credential_configuration_id: 'é"\\', proofs: { jwt } }, '400 unknown_credential_configuration'],
    ]
    for (const [body, expected] of table) {
      const reply = await wallet.ask(body)
      t.equal(errorOf(reply), expected, JSON.stringify(body))
      t.match(reply.headers['content-type'], /^application\/json/)
      t.match(JSON.parse(reply.body).error_description, /^[\x20-\x21\x23-\x5B\x5D-\x7E]*$/)
    }
    for (const type of ['text/plain', 'application/jwt', 'application/x-www-form-urlencoded'])
      t.equal(errorOf(await wallet.ask('a.b.c', { 'content-type': type })), '400 invalid_credential_request', type)
    t.same([await count('status_index'), await count('issuance'), await count('spent_nonce')], before)
    t.equal(
      (await wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt } })).statusCode,
      200,
      'the nonce stayed good',
    )
  })

  t.test('an identifier is unknown to a token that was given none, also a right one', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const jwt = [wallet.proof(await wallet.nonce())]
    t.equal(
      errorOf(await wallet.ask({ credential_identifier: 'pupil.1', proofs: { jwt } })),
      '400 unknown_credential_identifier',
    )
  })

  t.test('a credential that was not offered is a matter of authorization', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna', ['pupil'])
    const reply = await wallet.askFor('guardianship')
    t.equal(errorOf(reply), '403 insufficient_scope')
    t.match(reply.headers['www-authenticate'], /^DPoP .*insufficient_scope/)
  })

  t.test('one bad proof among good ones: nothing is issued and no place is taken', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const before = [await count('status_index'), await count('issuance')]
    const nonce = await wallet.nonce()
    const key = generateSigningKey()
    const good = Array.from({ length: 4 }, () => wallet.proof(nonce))
    const broken = wallet.proof(nonce).replace(/.{4}$/, 'AAAA')
    const ask = (jwt: string[]) => wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt } })
    t.equal(errorOf(await ask([broken, ...good])), '400 invalid_proof')
    t.equal(errorOf(await ask([...good, broken])), '400 invalid_proof')
    t.equal(
      errorOf(await ask([...good, wallet.proof(nonce, generateSigningKey(), {}, { nonce: undefined })])),
      '400 invalid_proof',
    )
    t.equal(
      errorOf(await ask([wallet.proof(nonce, key), wallet.proof(nonce, key)])),
      '400 invalid_proof',
      'one key twice',
    )
    t.equal(errorOf(await ask(Array.from({ length: 11 }, () => wallet.proof(nonce)))), '400 invalid_proof', 'eleven')
    t.equal(errorOf(await ask([...good, wallet.proof('unknown')])), '400 invalid_nonce')
    t.equal(
      errorOf(await ask([wallet.proof(nonce, generateSigningKey(), {}, { aud: `${school.entityId}/` })])),
      '400 invalid_proof',
    )
    t.same([await count('status_index'), await count('issuance')], before)
  })

  t.test('a proof may name the wallet that asked for the token, and no other', async (t) => {
    const answers = async (clientId: string | undefined, issuers: readonly (string | undefined)[]) => {
      const offer = await makeOffer(node, school, deskOrder('anna'))
      const wallet = await new TestWallet(node, school).take(
        offer,
        clientId === undefined ? {} : { client_id: clientId },
      )
      const replies = []
      for (const iss of issuers) {
        const proof = wallet.proof(await wallet.nonce(), undefined, {}, iss === undefined ? {} : { iss })
        replies.push(await wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt: [proof] } }))
      }
      return replies.map((reply) => (reply.statusCode === 200 ? 'issued' : reply.json().error))
    }
    const [named, other] = ['https://wallet.example', 'https://other.example']
    t.same(await answers(named, [undefined, named, other]), ['issued', 'issued', 'invalid_proof'])
    t.same(await answers(undefined, [undefined, named, 'anonymous']), ['issued', 'invalid_proof', 'invalid_proof'])
  })

  t.test('without a token: how to ask; with a bad one: that it is bad', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const ask = async (headers: Record<string, string>, query = '', payload = '{}') => {
      const reply = await node.app.inject({
        method: 'POST',
        url: `/schools/${school.slug}/credential${query}`,
        headers: { 'content-type': 'application/json', ...headers },
        payload,
      })
      return { reply, challenge: String(reply.headers['www-authenticate']) }
    }
    const none = await ask({})
    t.equal(none.reply.statusCode, 401)
    t.equal(none.challenge, 'DPoP algs="ES256"')
    t.equal(none.reply.body, '', 'no error code where nothing was wrong yet')
    t.equal((await ask({}, `?access_token=${wallet.accessToken}`)).challenge, 'DPoP algs="ES256"')
    for (const payload of ['{', '', '[]', '{"a":1,"a":2}'])
      t.equal((await ask({}, '', payload)).reply.statusCode, 401, 'who asks matters before what is asked')
    const token = wallet.accessToken
    for (const authorization of ['DPoP x', `DPoP ${'A'.repeat(64)}`, 'Basic abc', `DPoP ${token.slice(0, -2)}`]) {
      wallet.accessToken = authorization.replace(/^DPoP /, '')
      const { reply, challenge } = await ask({ authorization, dpop: wallet.dpop('credential') })
      t.equal(reply.statusCode, 401)
      t.match(challenge, /^DPoP .*error="invalid_token"/)
      const broken = await ask({ authorization, dpop: wallet.dpop('credential') }, '', '{')
      t.equal(broken.reply.statusCode, 401)
    }
    wallet.accessToken = token
    const { reply } = await ask({ authorization: `dpop ${token}`, dpop: wallet.dpop('credential') })
    t.equal(reply.statusCode, 400, 'the name of the scheme in any letter case')
  })

  t.test('a token of one school is nothing at another', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const abroad = new TestWallet(node, other)
    abroad.accessToken = wallet.accessToken
    Object.assign(abroad, { key: wallet.key })
    t.equal(errorOf(await abroad.askFor('pupil')), '401 invalid_token')
  })

  t.test('a token dies after ten minutes', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    node.clock.advance(601)
    t.equal(errorOf(await wallet.askFor('pupil')), '401 invalid_token')
  })

  t.test('other methods are told to use POST', async (t) => {
    const reply = await node.app.inject({ method: 'GET', url: `/schools/${school.slug}/credential` })
    t.equal(reply.statusCode, 405)
    t.equal(reply.headers.allow, 'POST')
  })
})
