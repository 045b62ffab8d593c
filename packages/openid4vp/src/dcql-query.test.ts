import { DcqlQuery } from 'dcql'
import t from 'tap'
import { assertDcqlQuery } from './dcql-query.ts'

const pupil = (more: object = {}) => ({
  id: 'pupil',
  format: 'dc+sd-jwt',
  meta: { vct_values: ['urn:samen:credential:pupil:1'] },
  claims: [{ path: ['year_group'] }],
  ...more,
})
const query = (...credentials: object[]) => ({ credentials })

t.test(
  'a query for one credential and its claims may be put to a wallet, and an independent library reads it',
  async (t) => {
    const questions = [
      query(pupil()),
      query({ ...pupil(), claims: undefined }),
      query(pupil({ trusted_authorities: [{ type: 'aki', values: ['s9tIpPmhxdiuNkHMEWNpYim8S8Y'] }] })),
      query(
        pupil({ claims: [{ path: ['classes', null, 'name'] }, { path: ['classes', 0] }, { path: ['age', '12'] }] }),
      ),
      query(
        pupil({
          claims: [
            { id: 'old', path: ['age_equal_or_over', '13'] },
            { id: 'year', path: ['year_group'], values: [7, 8] },
          ],
          claim_sets: [['old'], ['year']],
        }),
      ),
      { ...query(pupil(), pupil({ id: 'guardian' })), credential_sets: [{ options: [['pupil'], ['guardian']] }] },
    ]
    for (const question of questions) {
      const text = JSON.parse(JSON.stringify(question))
      t.doesNotThrow(() => assertDcqlQuery(text))
      t.doesNotThrow(() => DcqlQuery.validate(DcqlQuery.parse(text)))
    }
  },
)

t.test('a question that a wallet could read in two ways is never put', async (t) => {
  const refused: Record<string, object> = {
    'no credential at all': query(),
    'two credentials under one name': query(pupil(), pupil()),
    'a name with a space': query(pupil({ id: 'the pupil' })),
    'no type of credential': query(pupil({ meta: {} })),
    'an empty list of types': query(pupil({ meta: { vct_values: [] } })),
    'no meta member': query(pupil({ meta: undefined })),
    'several answers to one question': query(pupil({ multiple: true })),
    'an empty list of claims': query(pupil({ claims: [] })),
    'an empty path': query(pupil({ claims: [{ path: [] }] })),
    'a path with a negative index': query(pupil({ claims: [{ path: ['classes', -1] }] })),
    'a path with a fraction': query(pupil({ claims: [{ path: ['classes', 0.5] }] })),
    'a path with an object': query(pupil({ claims: [{ path: [{}] }] })),
    'the same path twice': query(pupil({ claims: [{ path: ['year_group'] }, { path: ['year_group'] }] })),
    'two claims under one name': query(
      pupil({
        claims: [
          { id: 'a', path: ['x'] },
          { id: 'a', path: ['y'] },
        ],
      }),
    ),
    'an empty list of values': query(pupil({ claims: [{ path: ['x'], values: [] }] })),
    'claim sets without claims': query(pupil({ claims: undefined, claim_sets: [['a']] })),
    'claim sets over nameless claims': query(pupil({ claim_sets: [['a']] })),
    'a claim set that names nothing': query(pupil({ claims: [{ id: 'a', path: ['x'] }], claim_sets: [['b']] })),
    'a credential set that names nothing': { ...query(pupil()), credential_sets: [{ options: [['guardian']] }] },
    'an empty option': { ...query(pupil()), credential_sets: [{ options: [[]] }] },
    'a purpose in a set, of an older draft': {
      ...query(pupil()),
      credential_sets: [{ options: [['pupil']], purpose: 'school' }],
    },
    'no holder binding': query(pupil({ require_cryptographic_holder_binding: false })),
    'the format of an older draft': query(pupil({ format: 'vc+sd-jwt' })),
    'a driving licence': query({ id: 'mdl', format: 'mso_mdoc', meta: { doctype_value: 'org.iso.18013.5.1.mDL' } }),
    'a key identifier wrapped in DER, with padding': query(
      pupil({ trusted_authorities: [{ type: 'aki', values: ['MBaAFLPbSKT5ocXYrjZBzBFjaWIpvEvG='] }] }),
    ),
  }
  for (const [name, question] of Object.entries(refused)) {
    t.throws(() => assertDcqlQuery(JSON.parse(JSON.stringify(question))), RangeError, name)
  }
})
