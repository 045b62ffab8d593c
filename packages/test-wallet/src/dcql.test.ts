import t from 'tap'
import { type ClaimsQuery, type CredentialQuery, satisfy, selectQueries } from './dcql.ts'

const candidate = {
  vct: 'urn:a',
  authority: 'aki-1',
  claims: { name: 'Noor', age: { '12': true }, groups: [{ id: 'a' }, { id: 'b' }], 'a.b': 1, nothing: null },
}
const query = (changes: Partial<CredentialQuery>): CredentialQuery => ({
  id: 'q',
  format: 'dc+sd-jwt',
  meta: { vct_values: ['urn:a'] },
  ...changes,
})
const paths = (...claims: ClaimsQuery[]) => satisfy(query({ claims }), candidate)

t.test('a wallet shows the claims that are asked, and nothing when nothing is asked', async (t) => {
  t.same(satisfy(query({}), candidate), [])
  t.same(paths({ path: ['name'] }, { path: ['age', '12'] }), [['name'], ['age', '12']])
  t.same(paths({ path: ['a.b'] }), [['a.b']])
  t.same(paths({ path: ['groups', null, 'id'] }), [
    ['groups', 0, 'id'],
    ['groups', 1, 'id'],
  ])
  t.same(paths({ path: ['groups', 1] }), [['groups', 1]])
  t.same(paths({ path: ['name'], values: ['Sem', 'Noor'] }), [['name']])
})

t.test('a credential that lacks one claim, has another value, type, format or authority does not fit', async (t) => {
  t.equal(paths({ path: ['name'] }, { path: ['birthdate'] }), undefined)
  t.equal(paths({ path: ['name'], values: ['Sem'] }), undefined)
  t.equal(paths({ path: ['groups', 2] }), undefined)
  t.equal(paths({ path: ['name', 'length'] }), undefined)
  t.equal(paths({ path: ['toString'] }), undefined)
  t.equal(satisfy(query({ meta: { vct_values: ['urn:b'] } }), candidate), undefined)
  t.equal(satisfy(query({ format: 'mso_mdoc' }), candidate), undefined)
  const aki = (values: string[]) => satisfy(query({ trusted_authorities: [{ type: 'aki', values }] }), candidate)
  t.same(aki(['aki-0', 'aki-1']), [])
  t.equal(aki(['aki-0']), undefined)
  t.equal(satisfy(query({ trusted_authorities: [{ type: 'etsi_tl', values: ['aki-1'] }] }), candidate), undefined)
})

t.test('of several sets of claims the first that can be met is shown', async (t) => {
  const claims = [
    { id: 'b', path: ['birthdate'] },
    { id: 'n', path: ['name'] },
    { id: 'a', path: ['age', '12'] },
  ]
  t.same(satisfy(query({ claims, claim_sets: [['b', 'n'], ['a'], ['n']] }), candidate), [['age', '12']])
  t.equal(satisfy(query({ claims, claim_sets: [['b']] }), candidate), undefined)
})

t.test('without sets every query is answered; with sets one option of each that is required', async (t) => {
  const credentials = [query({ id: 'x' }), query({ id: 'y' }), query({ id: 'z' })]
  const holds =
    (...ids: string[]) =>
    (id: string) =>
      ids.includes(id)
  t.same(selectQueries({ credentials }, holds('x', 'y', 'z')), ['x', 'y', 'z'])
  t.throws(() => selectQueries({ credentials }, holds('x', 'z')), /nothing for the query y/)
  const credential_sets = [{ options: [['x', 'y'], ['z']] }, { options: [['y']], required: false }]
  t.same(selectQueries({ credentials, credential_sets }, holds('z')), ['z'])
  t.same(selectQueries({ credentials, credential_sets }, holds('x', 'y', 'z')), ['x', 'y'])
  t.throws(() => selectQueries({ credentials, credential_sets }, holds('x')), /nothing for the query y/)
})
