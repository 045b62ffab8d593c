import { sha256Base64url } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import t from 'tap'
import type { CredentialQuery } from './dcql-query.ts'
import { matchCredential } from './satisfy-query.ts'
import { claimsOf, SCHOOL, VCT } from './school.fixture.ts'
import { pickClaims, satisfyClaim, selectClaims } from './select-claims.ts'

/** A disclosure as an issuer writes it, with its digest; `salt` only has to differ. */
function disclose(salt: string, ...parts: JsonValue[]) {
  const text = Buffer.from(JSON.stringify([salt, ...parts])).toString('base64url')
  return { text, digest: sha256Base64url(text) }
}

const year = disclose('s1', 'year_group', 7)
const age12 = disclose('s2', '12', true)
const age16 = disclose('s3', '16', false)
const maths = disclose('s4', { name: 'maths', teacher: 'T' })
const music = disclose('s5', { name: 'music', teacher: 'U' })
const street = disclose('s6', 'street', 'Main Street')
const address = disclose('s7', 'address', { town: 'Utrecht', _sd: [street.digest] })

const payload: JsonObject = {
  iss: SCHOOL,
  enrolled: true,
  _sd: [year.digest, address.digest, 'decoy'],
  _sd_alg: 'sha-256',
  age_equal_or_over: { _sd: [age12.digest, age16.digest] },
  classes: [{ '...': maths.digest }, { name: 'art', teacher: 'V' }, { '...': music.digest }],
  empty: [],
}
const sent = (...disclosures: { text: string }[]) =>
  claimsOf(
    payload,
    disclosures.map(({ text }) => text),
  )
const values = (credential: ReturnType<typeof sent>, path: (string | number | null)[]) =>
  selectClaims(credential, path)?.map(({ claim }) => claim.value)

t.test('a claims path finds visible and disclosed claims, at any depth', async (t) => {
  const all = sent(year, age12, maths, music, address, street)
  t.same(values(all, ['enrolled']), [true])
  t.same(values(all, ['year_group']), [7])
  t.same(values(all, ['age_equal_or_over', '12']), [true])
  t.same(values(all, ['address', 'street']), ['Main Street'])
  t.same(values(all, ['classes', null, 'name']), ['maths', 'art', 'music'])
  t.same(values(all, ['classes', 1, 'name']), ['art'])
})

t.test('a claim that stayed hidden is not there', async (t) => {
  t.equal(values(sent(), ['year_group']), undefined)
  t.equal(values(sent(age16), ['age_equal_or_over', '12']), undefined)
  t.equal(values(sent(address), ['address', 'street']), undefined)
})

t.test(
  'an index counts the elements as the school signed them, so that hiding one does not move another',
  async (t) => {
    t.same(values(sent(music), ['classes', 2, 'name']), ['music'])
    t.equal(values(sent(music), ['classes', 0, 'name']), undefined)
    t.equal(values(sent(music), ['classes', 3]), undefined, 'past the end')
  },
)

t.test('a path through the wrong kind of container selects nothing', async (t) => {
  const all = sent(year, maths, music)
  t.equal(values(all, ['year_group', 'more']), undefined)
  t.equal(values(all, ['classes', 'name']), undefined)
  t.equal(values(all, ['enrolled', 0]), undefined)
  t.equal(values(all, ['age_equal_or_over', null]), undefined)
  t.equal(values(all, ['empty', null]), undefined, 'an empty selection')
  t.equal(values(all, ['_sd', 0]), undefined, 'the digests are not claims')
  t.equal(values(all, ['toString']), undefined, 'nor is what JavaScript gives every object')
})

t.test('a value must match in type and text', async (t) => {
  const all = sent(year, maths, music)
  t.ok(satisfyClaim(all, { path: ['year_group'], values: [6, 7] }))
  t.notOk(satisfyClaim(all, { path: ['year_group'], values: ['7'] }))
  t.notOk(satisfyClaim(all, { path: ['year_group'], values: [8] }))
  t.notOk(satisfyClaim(all, { path: ['classes', null, 'name'], values: ['art'] }), 'each selected one, not any')
})

t.test('the disclosures that a claim needs are those on the way to it and those inside it', async (t) => {
  const all = sent(year, age12, address, street, maths, music)
  const needed = (path: (string | number | null)[]) => {
    const query: CredentialQuery = { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: [VCT] }, claims: [{ path }] }
    return [...(matchCredential(VCT, all, query)[0]?.needed ?? [])].map(({ digest }) => digest)
  }
  t.same(needed(['enrolled']), [])
  t.same(needed(['age_equal_or_over', '12']), [age12.digest])
  t.same(needed(['address']), [address.digest, street.digest])
  t.same(needed(['address', 'street']), [address.digest, street.digest])
  t.same(needed(['address', 'town']), [address.digest], 'the street stays surplus')
  t.same(needed(['classes', null, 'name']), [maths.digest, music.digest])
})

t.test('what is kept is what was asked for, and nothing that lay beside it', async (t) => {
  const all = sent(year, age12, age16, address, street, maths, music)
  t.same(pickClaims(all, [['year_group'], ['age_equal_or_over', '12']]), {
    year_group: 7,
    age_equal_or_over: { '12': true },
  })
  t.same(pickClaims(all, [['classes', null, 'name']]), {
    classes: [{ name: 'maths' }, { name: 'art' }, { name: 'music' }],
  })
  t.same(pickClaims(all, [['classes', 1]]), { classes: [{ name: 'art', teacher: 'V' }] })
  t.same(pickClaims(all, [['address']]), { address: { town: 'Utrecht', street: 'Main Street' } })
  t.same(pickClaims(all, [['nothing']]), {})
  t.same(pickClaims(all, []), {})
})
