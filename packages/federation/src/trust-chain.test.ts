import t from 'tap'
import {
  ANCHOR,
  anchorOf,
  type Claims,
  configurationClaims,
  type Entity,
  EPOCH,
  entity,
  keySet,
  NOW,
  SCHOOL,
  signStatement,
  statementClaims,
} from '../test/mint-federation.ts'
import { verifyTrustChain } from './trust-chain.ts'

const top = entity(ANCHOR)
const anchor = anchorOf(top)
const policy = { anchor, now: NOW }

/** A chain over entities from the anchor down to the school, with claims of single links replaced: 0 is the school's own. */
function chain(entities: readonly Entity[], faults: Record<number, Claims> = {}): string[] {
  const upwards = entities.toReversed()
  const [subject, ...superiors] = upwards
  if (subject === undefined) throw new Error('a chain has entities')
  const own = signStatement(subject.key, { ...configurationClaims(subject, superiors[0]?.id), ...faults[0] })
  const links = superiors.map((superior, i) => {
    const about = upwards[i] as Entity
    return signStatement(superior.key, { ...statementClaims(superior, about), ...faults[i + 1] })
  })
  return [own, ...links]
}

const path = (length: number) => [
  top,
  ...Array.from({ length: length - 2 }, (_, i) => entity(`https://region${i}.example`)),
  entity(SCHOOL),
]

for (const length of [2, 3, 4, 5]) {
  t.test(`a school under the anchor is trusted over ${length} statements, until the first of them ends`, async (t) => {
    const entities = path(length)
    const faults = { [length - 1]: { exp: EPOCH + 60 } }
    const read = verifyTrustChain(chain(entities, faults), policy)
    t.equal(read.configuration.subject, SCHOOL)
    t.same(read.expiresAt, new Date((EPOCH + 60) * 1000))
    t.equal(read.issuedAt.length, length)
    t.equal(read.jwks[0]?.x, entities.at(-1)?.key.publicJwk.x)
  })
}

const FAULTS: [string, number, Claims][] = [
  ['the school names another superior', 0, { authority_hints: ['https://region9.example'] }],
  ['the school signs with a key that nobody vouches for', 1, { jwks: keySet(entity(SCHOOL).key) }],
  ['the middle statement is about another school', 1, { sub: 'https://other.example' }],
  ['the middle statement comes from somebody else', 1, { iss: 'https://other.example' }],
  ['the anchor vouches for another key of the middle', 2, { jwks: keySet(entity('https://region0.example').key) }],
  ['the anchor speaks about somebody else', 2, { sub: 'https://other.example' }],
]

for (const [fault, link, claims] of FAULTS) {
  t.test(`a chain is refused when ${fault}`, async (t) => {
    t.throws(() => verifyTrustChain(chain(path(3), { [link]: claims }), policy), { code: 'invalid_statement' })
  })
}

for (const link of [0, 1, 2]) {
  t.test(`a chain is refused once its statement ${link} has ended, leeway or not`, async (t) => {
    const ended = chain(path(3), { [link]: { exp: EPOCH } })
    t.throws(() => verifyTrustChain(ended, policy), { code: 'expired' })
  })
}

t.test('an anchor with the right name and other keys is nobody', async (t) => {
  const rogue = entity(ANCHOR)
  t.throws(() => verifyTrustChain(chain([rogue, entity(SCHOOL)]), policy), { code: 'invalid_statement' })
})

t.test('a chain that comes back to where it was is refused', async (t) => {
  const region = entity('https://region.example')
  const circle = chain([top, region, entity(SCHOOL), region, entity(SCHOOL)])
  t.throws(() => verifyTrustChain(circle, policy), { code: 'invalid_chain' })
  const throughAnchor = chain([top, region, top, entity(SCHOOL)])
  t.throws(() => verifyTrustChain(throughAnchor, policy), { code: 'invalid_chain' })
})

t.test('a chain of one statement or of six is refused', async (t) => {
  t.throws(() => verifyTrustChain([], policy), { code: 'invalid_chain' })
  t.throws(() => verifyTrustChain(chain(path(2)).slice(0, 1), policy), { code: 'invalid_chain' })
  t.throws(() => verifyTrustChain(chain(path(6)), policy), { code: 'invalid_chain' })
})
