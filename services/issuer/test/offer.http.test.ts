import { sql } from '@samen/pg-kit'
import t from 'tap'
import { deskOrder, makeOffer, offerPath, openNode, postOffer, readCode } from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

t.test('offers', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  for (const ref of ['anna', 'bram']) await school.addPupil(ref)
  const get = (url: string, apiKey?: string) =>
    node.app.inject({ method: 'GET', url, headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` } })
  const statusUrl = (id: string, slug = school.slug) => `/v1/schools/${slug}/offers/${id}`

  t.test('the desk offers, and a wallet fetches the offer by its reference', async (t) => {
    const offer = await makeOffer(node, school, deskOrder('anna'))
    t.match(offer.offer_uri, /^openid-credential-offer:\/\/\?credential_offer_uri=https%3A%2F%2Fissuer\.test%2F[^&]+$/)
    t.match(offer.tx_code, /^[0-9]{6}$/)
    t.equal(Date.parse(offer.expires_at) - node.clock.now().getTime(), 86_400_000)
    const reply = await get(offerPath(offer))
    t.equal(reply.statusCode, 200)
    t.match(reply.headers['content-type'], /^application\/json/)
    t.equal(reply.headers['cache-control'], 'no-store')
    const { grants, ...rest } = reply.json()
    t.same(rest, { credential_issuer: school.entityId, credential_configuration_ids: ['pupil'] })
    t.match(grants[GRANT]['pre-authorized_code'], /^[A-Za-z0-9_-]{64}$/)
    t.same(grants[GRANT].tx_code, { input_mode: 'numeric', length: 6 })
    t.same(Object.keys(grants), [GRANT])
    t.notOk(reply.body.includes(offer.tx_code ?? '-'), 'the code that is typed never travels in the offer')
  })

  t.test('two offers have nothing in common, and a reference that never was tells nothing', async (t) => {
    const [one, two] = [
      await makeOffer(node, school, deskOrder('anna')),
      await makeOffer(node, school, deskOrder('anna')),
    ]
    t.not(offerPath(one), offerPath(two))
    t.not(await readCode(node, one), await readCode(node, two))
    const reply = await get(`/schools/${school.slug}/offers/AAAAAAAAAAAAAAAAAAAAAA`)
    t.equal(reply.statusCode, 404)
    t.equal(reply.body, (await get('/no/such/url')).body)
    t.equal((await get(offerPath(one).replace(school.slug, other.slug))).body, reply.body, 'nor at another school')
  })

  t.test('nobody’s name or number stands in a link, an offer or a page', async (t) => {
    const offer = await makeOffer(node, school, deskOrder('anna', ['pupil', 'guardianship']))
    const page = await get(new URL(offer.page_url).pathname)
    t.equal(page.statusCode, 200)
    t.match(page.headers['content-type'], 'text/html')
    t.ok(page.body.includes('<svg'), 'a QR code')
    t.ok(page.body.includes(encodeURIComponent(`${school.entityId}/offers/`)), 'the link stands on the page')
    t.ok(page.body.includes('School de-regenboog'))
    for (const text of [offer.offer_uri, page.body, (await get(offerPath(offer))).body]) {
      t.notOk(/anna|Kanarie|Berg|mother/i.test(text))
      t.notOk(text.includes(offer.tx_code ?? '-'))
    }
    t.ok((await get(`${new URL(offer.page_url).pathname}?lang=en`)).body.includes('Collect credentials'))
    t.equal((await get(`/schools/${school.slug}/desk/offers/AAAAAAAAAAAAAAAAAAAAAA`)).statusCode, 404)
  })

  t.test('authority is offered after two people saw the document, at the desk, and always with a code', async (t) => {
    const order = deskOrder('anna', ['guardianship'])
    const offer = await makeOffer(node, school, order)
    t.equal(Date.parse(offer.expires_at) - node.clock.now().getTime(), 900_000, 'fifteen minutes')
    t.match(offer.tx_code, /^[0-9]{6}$/)
    const { verification, ...unverified } = order
    const refusals: [object, number, string][] = [
      [unverified, 422, 'verification-needed'],
      [{ ...order, tx_code: 'none' }, 422, 'tx-code-needed'],
      [{ ...order, verification: { ...verification, checked_by: ['staff-1'] } }, 400, 'invalid-request'],
      [{ ...order, verification: { ...verification, checked_by: ['staff-1', 'staff-1'] } }, 400, 'invalid-request'],
      [{ ...order, verification: { ...verification, method: 'i-know-her' } }, 400, 'invalid-request'],
    ]
    for (const [wrong, status, slug] of refusals) {
      const reply = await postOffer(node, school, wrong)
      t.equal(reply.statusCode, status, slug)
      t.equal(reply.json().type, `urn:samen:problem:${slug}`)
    }
  })

  t.test('whether two people are unknown or not related cannot be told apart', async (t) => {
    const bodies = new Set<string>()
    for (const change of [
      { subject: 'nobody' },
      { holder: 'nobody' },
      { holder: 'bram-mother' },
      { holder: 'bram' },
      { holder: 'anna', credentials: ['guardianship'] },
    ]) {
      const reply = await postOffer(node, school, { ...deskOrder('anna', ['guardianship']), ...change })
      t.equal(reply.statusCode, 422)
      bodies.add(reply.body)
    }
    t.equal(bodies.size, 1)
    t.equal(
      (await postOffer(node, school, { ...deskOrder('anna'), holder: 'anna' })).statusCode,
      201,
      'a pupil holds its own',
    )
  })

  t.test('an order that names nothing, something unknown or something twice is refused', async (t) => {
    for (const change of [
      { credentials: [] },
      { credentials: ['diploma'] },
      { credentials: ['pupil', 'pupil'] },
      { grant: 'authorization_code' },
      { holder: '' },
      { subject: 7 },
    ])
      t.equal((await postOffer(node, school, { ...deskOrder('anna'), ...change })).statusCode, 400)
  })

  t.test('a pupil’s credential may be offered without a code, for a quarter of an hour', async (t) => {
    const offer = await makeOffer(node, school, { ...deskOrder('anna'), tx_code: 'none' })
    t.notOk('tx_code' in offer)
    t.notOk('tx_code' in (await get(offerPath(offer))).json().grants[GRANT])
    t.equal(Date.parse(offer.expires_at) - node.clock.now().getTime(), 900_000)
  })

  t.test('a school that the federation has not certified offers nothing', async (t) => {
    const fresh = await node.addSchool('de-els', '01AB02')
    await fresh.addPupil('anna')
    await node.db('de-els').run(sql`update school_membership set x5c = null where tenant = 'de-els'`)
    node.deps.schools.forget('de-els')
    const reply = await postOffer(node, fresh, deskOrder('anna'))
    t.equal(reply.statusCode, 409)
    t.equal(reply.json().type, 'urn:samen:problem:not-a-member')
  })

  t.test('the administration sees how an offer stands, and can withdraw it', async (t) => {
    const offer = await makeOffer(node, school, deskOrder('anna'))
    t.match((await get(statusUrl(offer.id), school.apiKey)).json(), {
      id: offer.id,
      state: 'open',
      credentials: ['pupil'],
      issued: [],
    })
    const cancel = () =>
      node.app.inject({
        method: 'DELETE',
        url: statusUrl(offer.id),
        headers: { authorization: `Bearer ${school.apiKey}` },
      })
    t.equal((await cancel()).statusCode, 204)
    t.equal((await cancel()).statusCode, 204, 'twice is fine')
    t.equal((await get(statusUrl(offer.id), school.apiKey)).json().state, 'cancelled')
    t.equal((await get(offerPath(offer))).statusCode, 404)
    t.equal((await get(new URL(offer.page_url).pathname)).statusCode, 404)
  })

  t.test('withdrawing an offer that was redeemed ends its token too; what was handed over stays', async (t) => {
    const offer = await makeOffer(node, school, deskOrder('anna'))
    const wallet = await new TestWallet(node, school).take(offer)
    t.equal((await wallet.askFor('pupil')).statusCode, 200)
    await node.app.inject({
      method: 'DELETE',
      url: statusUrl(offer.id),
      headers: { authorization: `Bearer ${school.apiKey}` },
    })
    t.equal((await wallet.askFor('pupil')).statusCode, 401)
    const { state, issued } = (await get(statusUrl(offer.id), school.apiKey)).json()
    t.equal(state, 'cancelled')
    t.match(issued, [{ credential: 'pupil', copies: 1, state: 'delivered' }])
  })

  t.test('an offer dies of age, and forgets what it would have issued', async (t) => {
    const offer = await makeOffer(node, school, { ...deskOrder('anna'), tx_code: 'none' })
    const code = await readCode(node, offer)
    node.clock.advance(901)
    t.equal((await get(offerPath(offer))).statusCode, 404)
    t.equal((await get(statusUrl(offer.id), school.apiKey)).json().state, 'expired')
    t.equal((await new TestWallet(node, school).redeem(code, undefined)).json().error, 'invalid_grant')
    const { forgetOldOffers } = await import('../src/offer/end-offers.ts')
    await forgetOldOffers(node.deps)
    const row = await node.db(school.slug).one(sql`select state, sealed from offer where id = ${offer.id}`)
    t.same(row, { state: 'expired', sealed: null })
  })

  t.test('asking twice with one key gives one offer; the same key for another order is refused', async (t) => {
    const headers = { 'idempotency-key': 'order-1' }
    const first = await postOffer(node, school, deskOrder('anna'), headers)
    const again = await postOffer(node, school, deskOrder('anna'), headers)
    t.equal(first.statusCode, 201)
    t.same(again.json(), first.json())
    t.equal((await postOffer(node, school, deskOrder('bram'), headers)).statusCode, 422)
  })

  t.test('another school’s key opens nothing here, and a stranger’s offer looks like none', async (t) => {
    const offer = await makeOffer(node, school, deskOrder('anna'))
    t.equal((await postOffer(node, { ...school, apiKey: other.apiKey }, deskOrder('anna'))).statusCode, 404)
    t.equal((await postOffer(node, { ...school, apiKey: 'x'.repeat(43) }, deskOrder('anna'))).statusCode, 401)
    const foreign = await get(statusUrl(offer.id, other.slug), other.apiKey)
    const unknown = await get(statusUrl('AAAAAAAAAAAAAAAAAAAAAA', other.slug), other.apiKey)
    t.equal(foreign.statusCode, 404)
    t.equal(foreign.body, unknown.body)
    const cancelForeign = await node.app.inject({
      method: 'DELETE',
      url: statusUrl(offer.id, other.slug),
      headers: { authorization: `Bearer ${other.apiKey}` },
    })
    t.equal(cancelForeign.statusCode, 404)
    t.equal((await get(statusUrl(offer.id), school.apiKey)).json().state, 'open')
  })
})
