import { FACTS, type FactName } from '@samen/consent'
import { generateSigningKey } from '@samen/jwt-profile'
import { assertDcqlQuery } from '@samen/openid4vp'
import t from 'tap'
import { factValues, presentationQuery, pseudonymIn } from './presentation-query.ts'

const APP = 'https://verifier.example/apps/rekenrijk'
const all = Object.keys(FACTS) as FactName[]

t.test('every fact of the catalogue can be asked for, with the pseudonym of this app and no other', async (t) => {
  const query = presentationQuery(all, APP, 'c9tIpPmhxdiuNkHMEWNpYim8S8Y')
  t.doesNotThrow(() => assertDcqlQuery(query))
  const paths = query.credentials.flatMap(({ claims }) => (claims ?? []).map(({ path }) => path))
  t.equal(paths.length, all.length + 1)
  t.same(
    paths.filter(([first]) => first === 'pseudonyms'),
    [['pseudonyms', APP]],
  )
})

t.test('the app gets facts by the names under which it registered them', async (t) => {
  const pupil = {
    issuer: 'https://issuer.example/schools/a',
    vct: 'urn:samen:credential:pupil:1',
    claims: { year_group: 7, age_equal_or_over: { '12': false }, pseudonyms: { [APP]: 'p' } },
    holderKey: generateSigningKey().publicJwk,
  }
  t.same(factValues({ pupil }, ['year_group', 'age_over_12']), { year_group: 7, age_over_12: false })
  t.equal(pseudonymIn(pupil, APP), 'p')
  t.equal(pseudonymIn(pupil, 'https://verifier.example/apps/leesvonk'), undefined)
  t.throws(() => factValues({ pupil }, ['given_name']), RangeError)
})
