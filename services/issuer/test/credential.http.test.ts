import { X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { generateSigningKey, thumbprint } from '@samen/jwt-profile'
import { sql } from '@samen/pg-kit'
import { parseSdJwt, verifySdJwtVc } from '@samen/sd-jwt-vc'
import t from 'tap'
import { agree, deskOrder, makeOffer, openNode } from './support/issuing-school.ts'
import { TestWallet, walletFor } from './support/playing-wallet.ts'

type Claims = Record<string, unknown> & {
  readonly pseudonyms: Record<string, string>
  readonly holder_pseudonyms: Record<string, string>
  readonly exp: number
}

const APP = 'https://verifier.test/apps/rekenen'
const REGISTRY = 'https://registry.test'

t.test('the credential endpoint', async (t) => {
  const node = await openNode(t)
  const school = await node.addSchool('de-regenboog', '01AB00')
  const other = await node.addSchool('de-wilg', '01AB01')
  for (const ref of ['anna', 'bram']) await school.addPupil(ref)
  await other.addPupil('anna')
  await agree(node.deps, school.slug, APP, REGISTRY)
  const anchors = [new X509Certificate(node.federation.anchor.caPem)]
  const verify = (credential: string) => {
    const parsed = parseSdJwt(credential)
    const { header } = parsed.issuerJwt
    const now = node.clock.now()
    const { leafKey: key, entityId: issuer } = verifyX5c(header['x5c'] as string[], { anchors, now })
    return { header, ...verifySdJwtVc(parsed, { issuer, key, now }) }
  }
  type Reply = {
    statusCode: number
    json: () => { error?: string; credentials: { credential: string }[] }
    body: string
  }
  const errorOf = (reply: Reply) => `${reply.statusCode} ${reply.json().error}`
  const copiesOf = (reply: Reply) => reply.json().credentials.map(({ credential }) => credential)

  t.test('a parent gets the pupil’s facts, hidden, with a pseudonym for each app', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const key = generateSigningKey()
    const jwt = [wallet.proof(await wallet.nonce(), key)]
    const reply = await wallet.ask({ credential_configuration_id: 'pupil', proofs: { jwt }, x: 1 })
    t.equal(reply.statusCode, 200, reply.body)
    t.match(reply.headers['content-type'], /^application\/json/)
    t.equal(reply.headers['cache-control'], 'no-store')
    t.same(Object.keys(reply.json()).sort(), ['credentials', 'notification_id'])
    const [copy = ''] = copiesOf(reply)
    t.ok(copy.endsWith('~'), 'no key binding')
    const { issuer, vct, claims, holderKey, status, header } = verify(copy)
    t.equal(issuer, school.entityId)
    t.equal(vct, 'urn:samen:credential:pupil:1')
    t.equal(thumbprint(holderKey), thumbprint(key.publicJwk))
    t.equal((header['x5c'] as string[]).length, 1, 'the leaf without the anchor')
    t.ok(status?.uri.startsWith(`${school.entityId}/status-lists/`))
    const { pseudonyms, iss, exp, cnf, status: _, vct: __, ...facts } = claims as Claims
    t.same(Object.keys(pseudonyms).sort(), [REGISTRY, APP].sort())
    t.not(pseudonyms[APP], pseudonyms[REGISTRY])
    t.equal(exp % 86_400, 0)
    t.match(new Date(exp * 1000).toISOString(), /-08-31T00:00:00/, '31 July and 31 days')
    t.match(facts, {
      enrolled: true,
      sector: 'po',
      school_name: 'School de-regenboog',
      school_brin: '01AB00',
      school_location_code: '00',
      board_id: '41999',
      holiday_region: 'noord',
      enrolment_since: '2021-08',
      given_name: 'Kanarie-anna',
      family_name: 'van der Berg',
      family_name_prefix: 'van der',
      year_group: '6',
      group_label: '6A',
      class_ref: 'kQ3vTn8YwL2mR5xZ0aBcDg',
      age_equal_or_over: { '12': false, '13': false, '16': false, '18': false },
    })
    t.notOk('iat' in facts || 'sub' in facts || 'nbf' in facts)
    const visible = JSON.parse(Buffer.from(copy.split('~')[0]?.split('.')[1] ?? '', 'base64url').toString())
    t.same(Object.keys(visible).sort(), [
      '_sd',
      '_sd_alg',
      'age_equal_or_over',
      'cnf',
      'enrolled',
      'exp',
      'iss',
      'pseudonyms',
      'school_year',
      'status',
      'vct',
    ])
    t.same(Object.keys(visible.cnf.jwk).sort(), ['crv', 'kty', 'x', 'y'])
    t.same(Object.keys(visible.pseudonyms), ['_sd'])
    t.ok(visible._sd.length > 8, 'decoys')
  })

  t.test('authority tells pupil and holder apart, per audience, and says how it was checked', async (t) => {
    const mother = await walletFor(node, school, 'anna', ['pupil', 'guardianship'])
    const order = { ...deskOrder('anna', ['guardianship']), holder: 'anna-father' }
    const father = await new TestWallet(node, school).take(await makeOffer(node, school, order))
    const claimsOf = async (wallet: TestWallet, type: string) =>
      verify(copiesOf(await wallet.askFor(type))[0] ?? '').claims as Claims
    const hers = await claimsOf(mother.wallet, 'guardianship')
    const his = await claimsOf(father, 'guardianship')
    const pupil = await claimsOf(mother.wallet, 'pupil')
    t.match(hers, { authority: 'joint', verified_by: 'gezagsregister-extract', relation: 'parent', co_holder_count: 1 })
    t.equal(hers['verified_at'], node.clock.now().toISOString().slice(0, 7))
    t.match(hers['decide_until'], /^\d{4}-07-31$/)
    t.same(hers['pseudonyms'], pupil['pseudonyms'], 'the ward is the pupil')
    t.same(his['pseudonyms'], hers['pseudonyms'])
    t.same(Object.keys(hers['holder_pseudonyms']), [REGISTRY], 'no app learns who the parent is')
    t.not(his['holder_pseudonyms'][REGISTRY], hers['holder_pseudonyms'][REGISTRY])
    t.notOk('given_name' in hers)
    const bram = await walletFor(node, school, 'bram', ['guardianship'])
    t.notSame((await claimsOf(bram.wallet, 'guardianship'))['pseudonyms'], hers['pseudonyms'])
  })

  t.test('what is issued was fixed when it was offered', async (t) => {
    const { wallet } = await walletFor(node, school, 'bram')
    await agree(node.deps, school.slug, 'https://verifier.test/apps/lezen', REGISTRY)
    const claims = verify(copiesOf(await wallet.askFor('pupil'))[0] ?? '').claims as Claims
    t.same(Object.keys(claims['pseudonyms']).sort(), [REGISTRY, APP].sort())
    const later = await walletFor(node, school, 'bram')
    const fresh = verify(copiesOf(await later.wallet.askFor('pupil'))[0] ?? '').claims as Claims
    t.equal(Object.keys(fresh['pseudonyms']).length, 3)
  })

  t.test('ten keys give ten copies that share nothing but what they say', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const first = copiesOf(await wallet.askFor('pupil', 10))
    node.clock.advance(5)
    const second = copiesOf(await wallet.askFor('pupil', 10))
    const all = [...first, ...second].map((text) => ({ text, ...verify(text) }))
    t.equal(all.length, 20)
    const distinct = (values: unknown[]) => new Set(values).size
    t.equal(distinct(all.map((copy) => thumbprint(copy.holderKey))), 20)
    t.equal(distinct(all.map((copy) => copy.status?.idx)), 20)
    t.equal(distinct(all.map((copy) => copy.status?.uri)), 1, 'one list for all')
    t.equal(distinct(all.map((copy) => copy.claims['exp'])), 1, 'no trace of the five seconds')
    const parts = all.flatMap((copy) => copy.text.split('~').filter((part) => part !== ''))
    t.equal(distinct(parts), parts.length, 'no disclosure and no signature twice')
    const places = all.map((copy) => copy.status?.idx ?? 0)
    const neighbours = places.filter((place) => places.includes(place + 1))
    t.ok(neighbours.length < 3, 'no runs')
  })

  t.test('the places are spread over the whole list', async (t) => {
    const rows = await node.db(school.slug).many<{ idx: number }>(sql`select idx from status_index`)
    t.ok(rows.some(({ idx }) => idx < 2 ** 16) && rows.some(({ idx }) => idx >= 2 ** 16))
    t.ok(rows.every(({ idx }) => idx >= 0 && idx < 2 ** 17))
  })

  t.test('asking again is fine and takes nothing back, until the offer is used up', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    t.equal((await wallet.askFor('pupil', 10)).statusCode, 200)
    t.equal((await wallet.askFor('pupil', 10)).statusCode, 200)
    const [first] = await node
      .db(school.slug)
      .many<{ state: string }>(sql`select state from issuance order by intended_at desc, id limit 1`)
    t.equal(first?.state, 'delivered')
    for (let i = 0; i < 2; i++)
      t.equal(errorOf(await wallet.askFor('pupil')), '400 credential_request_denied', 'and stays so')
  })

  t.test('of many requests at the same moment no more copies come than were offered', async (t) => {
    const { wallet } = await walletFor(node, school, 'anna')
    const replies = await Promise.all(Array.from({ length: 8 }, () => wallet.askFor('pupil', 5)))
    t.equal(replies.filter((reply) => reply.statusCode === 200).length, 4)
    t.equal(replies.filter((reply) => errorOf(reply) === '400 credential_request_denied').length, 4)
  })

  t.test('a pupil who left the school gets nothing more', async (t) => {
    const pupilId = await school.addPupil('carla')
    const { wallet } = await walletFor(node, school, 'carla')
    await node.db(school.slug).run(sql`delete from pupil where id = ${pupilId}`)
    for (let i = 0; i < 2; i++) t.equal(errorOf(await wallet.askFor('pupil')), '400 credential_request_denied')
    const { forgetOldOffers } = await import('../src/offer/end-offers.ts')
    await forgetOldOffers(node.deps)
    const rows = await node.db(school.slug).many(sql`select id from offer where pupil is null and sealed is not null`)
    t.same(rows, [], 'and what the offer held is forgotten')
  })

  t.test('every copy has an intent, a place of its own and a fresh key hash; nothing is left half done', async (t) => {
    const { copies, places, keys, open } = await node.db(school.slug).one<Record<string, number>>(sql`
      select (select sum(copies) from issuance) as copies, (select count(*) from status_index) as places,
        (select count(distinct key_tag) from status_index) as keys,
        (select count(*) from issuance where state = 'intended') as open`)
    t.equal(copies, places)
    t.equal(keys, places)
    t.equal(open, 0)
  })
})
