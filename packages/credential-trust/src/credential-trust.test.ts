import { X509Certificate } from 'node:crypto'
import { MARK_APP_VENDOR, MARK_CONSENT_REGISTRY, MARK_SCHOOL } from '@samen/consent'
import { createTrustResolver } from '@samen/federation'
import type { SigningKey } from '@samen/jwt-profile'
import { compressStatusList, newBits, setStatus, signStatusListToken } from '@samen/status-list'
import { createTestFederation, fixedClock } from '@samen/test-kit'
import t from 'tap'
import { createStatusCheck, createTrustIssuer, openRegistryLists, openSchoolLists } from './credential-trust.ts'

const SCHOOL = 'https://samen.example/schools/a'
const REGISTRY = 'https://registry.example'
const URI = `${SCHOOL}/status-lists/1`
const CONSENTS = `${REGISTRY}/consent-lists/1`
const NOT_NOW = { status: 503, code: 'temporarily_unavailable' }
const REFUSED = { status: 400, code: 'invalid_request' }

/** A federation in memory with a school, a registry, and whoever else a test lets in; every list that is asked for is noted. */
async function open() {
  const clock = fixedClock()
  const federation = await createTestFederation({ now: clock.now })
  const admit = (entityId: string, trustMark: string, role: string) =>
    federation.createMember({
      entityId,
      trustMarks: [trustMark],
      metadata: () => ({ [role]: role === 'openid_credential_issuer' ? { credential_issuer: entityId } : {} }),
    })
  const school = await admit(SCHOOL, MARK_SCHOOL, 'openid_credential_issuer')
  const registry = await admit(REGISTRY, MARK_CONSENT_REGISTRY, 'samen_consent_registry')
  const resolver = createTrustResolver({ anchor: federation.anchor, fetchText: federation.fetchText, now: clock.now })
  const bits = newBits(100, 2)
  const world = { asked: [] as string[], isAway: false, ttl: 30, lifetime: 900, signer: school.protocolKey }
  const deps = {
    resolver,
    anchors: [new X509Certificate(federation.anchor.caPem)],
    now: clock.now,
    onDropped: () => undefined,
    async fetchText(uri: string) {
      world.asked.push(uri)
      if (world.isAway) throw new Error('connection refused')
      return signList(world.signer, uri)
    },
  }
  const signList = (key: SigningKey, uri: string) =>
    signStatusListToken({
      key,
      uri,
      bits: 2,
      compressed: compressStatusList(bits),
      issuedAt: clock.now(),
      expiresAt: new Date(clock.now().getTime() + world.lifetime * 1_000),
      ttlSeconds: world.ttl,
    })
  return { world, clock, federation, admit, school, registry, resolver, bits, deps }
}

t.test('a credential is of the school that its certificate names', async (t) => {
  const { deps, school } = await open()
  const trustIssuer = createTrustIssuer(deps)
  const x5c = school.protocolKey.x5c ?? []
  t.match(await trustIssuer(SCHOOL, x5c), { issuer: SCHOOL })
  t.match(await trustIssuer(undefined, x5c), { issuer: SCHOOL }, 'also when it does not say so itself')
  for (const stated of ['https://samen.example/schools/b', 'https://samen.example', `${SCHOOL}/`, '']) {
    await t.rejects(trustIssuer(stated, x5c), REFUSED, stated)
  }
  await t.rejects(trustIssuer(SCHOOL, []), { name: 'CertificateError' })
})

t.test('who is no school, or is one no longer, issues nothing', async (t) => {
  const { deps, admit, school, federation, resolver } = await open()
  const trustIssuer = createTrustIssuer(deps)
  const vendor = await admit('https://vendor.example', MARK_APP_VENDOR, 'samen_app')
  const unmarked = await admit('https://other.example', MARK_APP_VENDOR, 'openid_credential_issuer')
  for (const { entityId, protocolKey } of [vendor, unmarked]) {
    await t.rejects(trustIssuer(entityId, protocolKey.x5c ?? []), REFUSED, entityId)
  }
  federation.expel(SCHOOL)
  await resolver.refresh()
  await t.rejects(trustIssuer(SCHOOL, school.protocolKey.x5c ?? []), REFUSED)
})

t.test('a federation that cannot be asked makes nobody a liar', async (t) => {
  const { deps, school, federation } = await open()
  const fetchText = async () => {
    throw new Error('connection refused')
  }
  const resolver = createTrustResolver({ anchor: federation.anchor, fetchText, now: deps.now })
  await t.rejects(createTrustIssuer({ ...deps, resolver })(SCHOOL, school.protocolKey.x5c ?? []), NOT_NOW)
  const lists = openSchoolLists({ ...deps, resolver })
  await t.rejects(createStatusCheck(lists)(SCHOOL, { uri: URI, idx: 1 }), NOT_NOW)
})

t.test('only a place that says valid, in a list of the issuer itself, is valid', async (t) => {
  const { deps, bits, world } = await open()
  const check = createStatusCheck(openSchoolLists(deps))
  setStatus(bits, 2, 1)
  setStatus(bits, 3, 2)
  setStatus(bits, 4, 3)
  await check(SCHOOL, { uri: URI, idx: 1 })
  for (const idx of [2, 3, 4, 100]) await t.rejects(check(SCHOOL, { uri: URI, idx }), REFUSED, String(idx))
  world.asked.length = 0
  for (const uri of [`${SCHOOL}-b/status-lists/1`, 'https://evil.example/1', SCHOOL]) {
    await t.rejects(check(SCHOOL, { uri, idx: 1 }), REFUSED, uri)
  }
  t.same(world.asked, [], 'nobody is asked for a list that lies elsewhere')
})

t.test('a member at the beginning of an address does not speak for the school at its end', async (t) => {
  const { deps, admit, world } = await open()
  const host = await admit('https://samen.example', MARK_SCHOOL, 'openid_credential_issuer')
  const check = createStatusCheck(openSchoolLists(deps))
  world.signer = host.protocolKey
  await t.rejects(check(SCHOOL, { uri: URI, idx: 1 }), REFUSED, 'signed by the host of the school')
  await check('https://samen.example', { uri: URI, idx: 1 })
  await t.rejects(check(SCHOOL, { uri: URI, idx: 1 }), REFUSED, 'nor when it is held already')
})

t.test('a list that cannot be had, or has come to its end, is neither a yes nor a no', async (t) => {
  const { deps, world, clock } = await open()
  const lists = openSchoolLists(deps)
  const check = createStatusCheck(lists)
  world.isAway = true
  await t.rejects(check(SCHOOL, { uri: URI, idx: 1 }), NOT_NOW)
  world.isAway = false
  await check(SCHOOL, { uri: URI, idx: 1 })
  world.isAway = true
  clock.advance(899)
  await lists.refreshDue()
  await check(SCHOOL, { uri: URI, idx: 1 })
  clock.advance(1)
  world.asked.length = 0
  await t.rejects(check(SCHOOL, { uri: URI, idx: 1 }), NOT_NOW)
  t.same(world.asked, [], 'and no question fetches it again')
})

t.test('however long a school or a registry says that its list holds, there is an end to it', async (t) => {
  const { deps, world, clock, registry } = await open()
  world.lifetime = 30 * 86_400
  const schools = openSchoolLists(deps)
  await schools.refresh(SCHOOL, URI)
  t.same(schools.liveUntil(URI), new Date(clock.now().getTime() + 3_600_000))
  world.signer = registry.protocolKey
  const consents = openRegistryLists(deps)
  await consents.refresh(REGISTRY, CONSENTS)
  t.same(consents.liveUntil(CONSENTS), new Date(clock.now().getTime() + 10_000), 'ten seconds for a consent')
})

t.test('the list of an expelled registry is dead within ten minutes, without a word from the anchor', async (t) => {
  const { deps, world, clock, federation, registry } = await open()
  world.signer = registry.protocolKey
  world.lifetime = 10
  const lists = openRegistryLists(deps)
  t.equal(await lists.statusOf(REGISTRY, CONSENTS, 1), 0)
  federation.expel(REGISTRY)
  for (let seconds = 0; seconds < 600; seconds += 5) {
    clock.advance(5)
    await lists.refresh(REGISTRY, CONSENTS).catch(() => {})
  }
  await t.rejects(lists.statusOf(REGISTRY, CONSENTS, 1), REFUSED)
  world.asked.length = 0
  await t.rejects(lists.refresh(REGISTRY, CONSENTS), REFUSED)
  t.same(world.asked, [], 'and it is not asked for any more')
})

t.test(
  'once the anchor says so, the lists of who left are dead at once: the mark counts as much as the list',
  async (t) => {
    const { deps, world, clock, federation, resolver, admit } = await open()
    const lists = openSchoolLists(deps)
    const check = createStatusCheck(lists)
    await check(SCHOOL, { uri: URI, idx: 1 })
    federation.expel(SCHOOL)
    clock.advance(15)
    await resolver.refresh()
    await lists.refreshDue()
    await t.rejects(check(SCHOOL, { uri: URI, idx: 1 }), REFUSED)
    const unmarked = await admit('https://registry.example', MARK_SCHOOL, 'samen_consent_registry')
    world.signer = unmarked.protocolKey
    clock.advance(6)
    await t.rejects(openRegistryLists(deps).statusOf(REGISTRY, CONSENTS, 1), REFUSED, 'a registry without its mark')
  },
)
