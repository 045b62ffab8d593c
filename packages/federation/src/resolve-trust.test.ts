import t from 'tap'
import {
  ANCHOR,
  anchorClaims,
  anchorOf,
  type Claims,
  configurationClaims,
  type Entity,
  EPOCH,
  entity,
  keySet,
  markClaims,
  NOW,
  SCHOOL,
  signMark,
  signStatement,
  statementClaims,
} from '../test/mint-federation.ts'
import { createTrustResolver } from './resolve-trust.ts'

const MARK = 'urn:samen:trust-mark:school'
const anchor = entity(ANCHOR)
const school = entity(SCHOOL)
const stranger = entity('https://stranger.example')
const needed = { entityType: 'openid_credential_issuer', trustMark: MARK }

const OWN = `${SCHOOL}/.well-known/openid-federation`
const FETCH = `${ANCHOR}/fetch?sub=${encodeURIComponent(SCHOOL)}`
const LIST = `${ANCHOR}/list`
const CONFIGURATION = `${ANCHOR}/.well-known/openid-federation`

const wrapped = (token: string) => ({ trust_marks: [{ trust_mark_type: MARK, trust_mark: token }] })
const ownToken = (claims: Claims = {}, by: Entity = school) => {
  const mark = wrapped(signMark(anchor.key, { ...markClaims(ANCHOR, SCHOOL), exp: EPOCH + 7200 }))
  return signStatement(by.key, { ...configurationClaims(by), ...mark, ...claims })
}
const linkToken = (claims: Claims = {}) => signStatement(anchor.key, { ...statementClaims(anchor, school), ...claims })

/** A federation behind a wire that counts, and a clock that the test moves. */
function network(pages: Record<string, string> = {}) {
  const served: Record<string, string> = {
    [CONFIGURATION]: signStatement(anchor.key, anchorClaims(anchor)),
    [LIST]: JSON.stringify([SCHOOL]),
    [FETCH]: linkToken(),
    [OWN]: ownToken(),
    ...pages,
  }
  const asked: string[] = []
  let now = NOW
  const resolver = createTrustResolver({
    anchor: anchorOf(anchor),
    now: () => now,
    fetchText: async (url) => {
      // That is asked for once in ten minutes: anchor-endpoints.test.ts
      if (url !== CONFIGURATION) asked.push(url)
      const page = served[url]
      if (page === undefined) throw new Error('404')
      return page
    },
  })
  return {
    resolver,
    served,
    asked,
    wait: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000)
    },
  }
}

t.test('a member with its mark is trusted after three questions: the list, the anchor, the member', async (t) => {
  const { resolver, asked } = network()
  const member = await resolver.resolve(SCHOOL, needed)
  t.match(member, {
    entityId: SCHOOL,
    trustMarks: [MARK],
    metadata: { openid_credential_issuer: { credential_issuer: SCHOOL } },
  })
  t.equal(member.jwks[0]?.x, school.key.publicJwk.x)
  t.same(asked, [LIST, FETCH, OWN])
})

t.test('trust is kept for ten minutes at most, and looked up once by all who wait for it', async (t) => {
  const { resolver, asked, wait } = network()
  const [first] = await Promise.all([1, 2, 3].map(() => resolver.resolve(SCHOOL, needed)))
  t.same(first?.expiresAt, new Date(NOW.getTime() + 600_000))
  wait(599)
  await resolver.resolve(SCHOOL, needed)
  t.equal(asked.length, 3)
  wait(1)
  await resolver.resolve(SCHOOL, needed)
  t.equal(asked.length, 6)
})

t.test('trust ends with the first statement or mark of the chain that ends', async (t) => {
  const ends = { exp: EPOCH + 60 }
  const mark = wrapped(signMark(anchor.key, { ...markClaims(ANCHOR, SCHOOL), ...ends }))
  for (const pages of [{ [FETCH]: linkToken(ends) }, { [OWN]: ownToken(ends) }, { [OWN]: ownToken(mark) }]) {
    const { resolver, wait } = network(pages)
    t.same((await resolver.resolve(SCHOOL, needed)).expiresAt, new Date((EPOCH + 60) * 1000))
    wait(60)
    await t.rejects(resolver.resolve(SCHOOL, needed), { name: 'TrustError' })
  }
})

t.test('a stranger costs the anchor one question in five seconds, and nobody else any', async (t) => {
  const { resolver, asked, wait } = network({
    [`${stranger.id}/.well-known/openid-federation`]: ownToken({}, stranger),
  })
  for (let i = 0; i < 20; i += 1) {
    await t.rejects(resolver.resolve(`${stranger.id}/${i}`, needed), { code: 'not_a_member' })
  }
  t.same(asked, [LIST])
  wait(5)
  await t.rejects(resolver.resolve(stranger.id, needed), { code: 'not_a_member' })
  t.same(asked, [LIST, LIST])
})

t.test('a name that no entity can have costs nobody anything', async (t) => {
  const { resolver, asked } = network()
  for (const id of ['', 'x', `${SCHOOL}?a`, 'http://169.254.169.254/latest']) {
    await t.rejects(resolver.resolve(id, needed), { code: 'invalid_entity_id' })
  }
  t.same(asked, [])
})

t.test('a member under another spelling is a stranger', async (t) => {
  const { resolver } = network()
  await t.rejects(resolver.resolve(SCHOOL.replace('de-wilg', 'De-Wilg'), needed), { code: 'not_a_member' })
  await t.rejects(resolver.resolve(`${SCHOOL}/`, needed), { code: 'invalid_entity_id' }, 'which nobody can be')
})

t.test('an expelled member is refused at the next look at the list', async (t) => {
  const { resolver, served, wait } = network()
  await resolver.resolve(SCHOOL, needed)
  served[LIST] = '[]'
  wait(60)
  await resolver.refresh()
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'not_a_member' })
})

t.test('an expelled member is refused after ten minutes even when nobody refreshes', async (t) => {
  const { resolver, served, wait } = network()
  await resolver.resolve(SCHOOL, needed)
  served[LIST] = '[]'
  wait(600)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'not_a_member' })
})

t.test('a member without the mark or without the role is refused, and stays a member', async (t) => {
  const { resolver } = network()
  await t.rejects(
    resolver.resolve(SCHOOL, { entityType: 'not-needed', trustMark: 'urn:samen:trust-mark:app-vendor' }),
    {
      code: 'missing_trust_mark',
    },
  )
  await t.rejects(resolver.resolve(SCHOOL, { entityType: 'toString', trustMark: MARK }), { code: 'wrong_entity_type' })
  t.equal((await resolver.resolve(SCHOOL, { entityType: 'not-needed', trustMark: 'not-needed' })).entityId, SCHOOL)
})

const MARK_FAULTS: Record<string, string> = {
  'was given to another school': signMark(anchor.key, markClaims(ANCHOR, stranger.id)),
  'was issued by the school itself': signMark(school.key, markClaims(SCHOOL, SCHOOL)),
  'was signed by another key in the name of the anchor': signMark(
    { ...stranger.key, kid: anchor.key.kid },
    markClaims(ANCHOR, SCHOOL),
  ),
  'has ended': signMark(anchor.key, { ...markClaims(ANCHOR, SCHOOL), exp: EPOCH - 60 }),
}

for (const [fault, token] of Object.entries(MARK_FAULTS)) {
  t.test(`a mark that ${fault} does not count`, async (t) => {
    const { resolver } = network({ [OWN]: ownToken(wrapped(token)) })
    await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'missing_trust_mark' })
    t.same((await resolver.resolve(SCHOOL, { entityType: 'not-needed', trustMark: 'not-needed' })).trustMarks, [])
  })
}

t.test('a member that signs with a key the anchor does not know is refused', async (t) => {
  const { resolver } = network({
    [OWN]: signStatement(stranger.key, { ...configurationClaims(school), jwks: keySet(stranger.key) }),
  })
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_statement' })
})

t.test('the answer of one member does not serve for another', async (t) => {
  const other = entity('https://issuer.example/schools/het-riet')
  const answers = { [FETCH]: signStatement(anchor.key, statementClaims(anchor, other)), [OWN]: ownToken({}, other) }
  const { resolver } = network(answers)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_chain' })
})

t.test('a broken member is asked again after five seconds, not at every request', async (t) => {
  const { resolver, served, asked, wait } = network({ [OWN]: 'broken' })
  for (let i = 0; i < 5; i += 1) await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_statement' })
  t.equal(asked.length, 3)
  served[OWN] = ownToken()
  wait(5)
  t.equal((await resolver.resolve(SCHOOL, needed)).entityId, SCHOOL)
})

t.test('a member that gets its mark a moment later is trusted after five seconds, not after ten minutes', async (t) => {
  const { resolver, served, asked, wait } = network({ [OWN]: ownToken({ trust_marks: [] }) })
  for (let i = 0; i < 5; i += 1) await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'missing_trust_mark' })
  t.equal(asked.length, 3, 'and is not asked at every request')
  served[OWN] = 'broken'
  wait(5)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_statement' })
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'missing_trust_mark' }, 'what was known stays known')
  served[OWN] = ownToken()
  wait(5)
  t.equal((await resolver.resolve(SCHOOL, needed)).entityId, SCHOOL)
})

t.test('an anchor that cannot be read is told apart from a refusal', async (t) => {
  for (const list of ['', '{}', '[1]', '["a","a"', '{"error":"server_error"}']) {
    const { resolver } = network({ [LIST]: list })
    await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'unreachable' }, list)
  }
  const { resolver, served } = network()
  delete served[FETCH]
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'unreachable' })
})

t.test('trust outlives an anchor that is down for a while, but not its ten minutes', async (t) => {
  const { resolver, served, wait } = network()
  await resolver.resolve(SCHOOL, needed)
  delete served[LIST]
  wait(500)
  await t.rejects(resolver.refresh(), { code: 'unreachable' })
  t.equal((await resolver.resolve(SCHOOL, needed)).entityId, SCHOOL)
  wait(100)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'unreachable' })
})

t.test('refreshing renews what is past half its time, so that requests need not wait', async (t) => {
  const { resolver, asked, wait } = network()
  await resolver.resolve(SCHOOL, needed)
  await resolver.refresh()
  t.equal(asked.length, 4, 'only the list is read again while trust is young')
  wait(301)
  await resolver.refresh()
  t.equal(asked.filter((url) => url === OWN).length, 2)
  wait(400)
  const before = asked.length
  await resolver.resolve(SCHOOL, needed)
  t.equal(asked.length, before, 'nobody waited')
})

t.test('a renewal that fails leaves trust as it was until its end', async (t) => {
  const { resolver, served, wait } = network()
  await resolver.resolve(SCHOOL, needed)
  served[OWN] = 'broken'
  wait(400)
  await resolver.refresh()
  t.equal((await resolver.resolve(SCHOOL, needed)).entityId, SCHOOL)
  wait(200)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_statement' })
})

t.test('an older statement never brings back what a newer one replaced', async (t) => {
  const { resolver, served, wait } = network({
    [OWN]: ownToken({ iat: EPOCH - 10, metadata: { samen_app: { receipt_endpoint: 'new' } } }),
  })
  const any = { entityType: 'not-needed', trustMark: MARK }
  t.match((await resolver.resolve(SCHOOL, any)).metadata, { samen_app: { receipt_endpoint: 'new' } })
  served[OWN] = ownToken({ iat: EPOCH - 20, metadata: { samen_app: { receipt_endpoint: 'old' } } })
  wait(600)
  t.match((await resolver.resolve(SCHOOL, any)).metadata, { samen_app: { receipt_endpoint: 'new' } })
  served[OWN] = ownToken({ iat: EPOCH, metadata: { samen_app: { receipt_endpoint: 'newest' } } })
  wait(600)
  t.match((await resolver.resolve(SCHOOL, any)).metadata, { samen_app: { receipt_endpoint: 'newest' } })
})

t.test('an older word of the anchor never brings back a key that it replaced', async (t) => {
  const rolled = entity(SCHOOL)
  const { resolver, served, wait } = network({
    [FETCH]: linkToken({ iat: EPOCH - 10, jwks: keySet(rolled.key) }),
    [OWN]: ownToken({}, rolled),
  })
  await resolver.resolve(SCHOOL, needed)
  served[FETCH] = linkToken({ iat: EPOCH - 20 })
  served[OWN] = ownToken()
  wait(600)
  await t.rejects(resolver.resolve(SCHOOL, needed), { code: 'invalid_statement' })
})
