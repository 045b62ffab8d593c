import t from 'tap'
import { checkIssuer, type IssuerState } from './check-issuer.ts'

const sound: IssuerState = {
  lists: [
    { id: 'one', size: 8, is_fenced: false },
    { id: 'two', size: 4, is_fenced: true },
  ],
  places: [
    { list: 'one', idx: 3, issuance: 'alive', key: 'k1' },
    { list: 'one', idx: 5, issuance: 'dead', key: 'k2' },
    { list: 'two', idx: 0, issuance: 'alive', key: 'k3' },
  ],
  issuances: [
    { id: 'alive', offer: 'a', copies: 2, state: 'delivered' },
    { id: 'dead', offer: 'b', copies: 2, state: 'revoked' },
  ],
  tokens: ['a'],
  redemptions: ['a', 'b'],
  published: { one: [5], two: [1, 2, 3] },
  held: [{ list: 'one', idx: 3 }],
}

t.test('an issuer in order passes, also one that lost a copy on its way and one that was set back', async (t) => {
  t.same(checkIssuer(sound), [])
})

t.test('each rule fails once it is broken', async (t) => {
  const [first, second, third] = sound.places
  if (first === undefined || second === undefined || third === undefined) throw new Error('no places')
  const broken: [string, Partial<IssuerState>][] = [
    ['each place belongs to one copy', { places: [...sound.places, { ...second, key: 'k4' }] }],
    ['each place lies in its list', { lists: [{ id: 'one', size: 5, is_fenced: false }, ...sound.lists.slice(1)] }],
    ['each key is in one copy', { places: [first, { ...second, key: 'k1' }, third] }],
    ['each code gave one token', { tokens: ['a', 'a'] }],
    ['each code gave one token', { redemptions: ['a', 'a', 'b'] }],
    ['nothing was issued without a used code', { redemptions: ['b'] }],
    ['each copy has an intent', { places: [...sound.places, { list: 'one', idx: 7, issuance: 'none', key: 'k5' }] }],
    ['each copy has an intent', { held: [{ list: 'one', idx: 4 }] }],
    ['each delivered copy has a place', { places: [first, second], published: { one: [5], two: [0, 1, 2, 3] } }],
    ['what is revoked is published, and nothing else', { published: { one: [], two: [1, 2, 3] } }],
    ['what is revoked is published, and nothing else', { published: { one: [3, 5], two: [1, 2, 3] } }],
    ['what is revoked is published, and nothing else', { published: { one: [5], two: [1, 2] } }],
  ]
  for (const [rule, change] of broken) t.same(checkIssuer({ ...sound, ...change }), [rule])
})
