import { DcqlPresentationResult, DcqlQuery as OtherQuery } from 'dcql'
import fc from 'fast-check'
import t from 'tap'
import type { CredentialQuery, DcqlQuery } from './dcql-query.ts'
import { isQuerySatisfied, matchCredential } from './satisfy-query.ts'
import { claimsOf, VCT } from './school.fixture.ts'

const ask = (more: Partial<CredentialQuery>): CredentialQuery => ({
  id: 'pupil',
  format: 'dc+sd-jwt',
  meta: { vct_values: [VCT] },
  ...more,
})
const credential = claimsOf({ year_group: 7, age_equal_or_over: { '12': true } })

t.test('a credential of another type does not answer, whatever it calls itself a kind of', async (t) => {
  t.same(matchCredential('urn:samen:credential:guardianship:1', credential, ask({})), [])
  const selfDeclared = claimsOf({ vct: 'urn:evil', extends: VCT, aka_vcts: [VCT] })
  t.same(matchCredential('urn:evil', selfDeclared, ask({})), [])
  t.equal(matchCredential(VCT, credential, ask({})).length, 1)
})

t.test('of several ways to answer, the credential shows which it can, the least revealing first', async (t) => {
  const claims = [
    { id: 'age', path: ['age_equal_or_over', '12'] },
    { id: 'year', path: ['year_group'] },
    { id: 'name', path: ['given_name'] },
  ]
  const ways = (claim_sets: string[][]) =>
    matchCredential(VCT, credential, ask({ claims, claim_sets })).map((match) => match.claims.map(({ id }) => id))
  t.same(ways([['age'], ['age', 'year']]), [['age'], ['age', 'year']])
  t.same(ways([['name'], ['year']]), [['year']])
  t.same(ways([['name'], ['age', 'name']]), [], 'none of the sets')
  t.same(matchCredential(VCT, credential, ask({ claims })), [], 'without sets every claim is needed')
})

t.test('every credential that was asked for is needed, unless sets say otherwise', async (t) => {
  const credentials = ['a', 'b', 'c', 'd'].map((id) => ask({ id }))
  const satisfied = (query: Partial<DcqlQuery>, ...answered: string[]) =>
    isQuerySatisfied({ credentials, ...query }, new Set(answered))
  t.ok(satisfied({}, 'a', 'b', 'c', 'd'))
  t.notOk(satisfied({}, 'a', 'b', 'c'))
  const sets = {
    credential_sets: [
      {
        options: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      },
      { options: [['d']], required: false },
    ],
  }
  t.ok(satisfied(sets, 'a', 'b'), 'the optional set may be absent')
  t.ok(satisfied(sets, 'c', 'd'))
  t.notOk(satisfied(sets, 'a', 'c'), 'halves of two options do not add up')
  t.notOk(satisfied(sets, 'd'), 'an optional set does not stand in for a required one')
})

const name = fc.constantFrom('a', 'b')
const leaf = fc.constantFrom<(string | number | boolean)[]>('x', 'y', 1, 2, true)
const claimsTree = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'claims' },
    leaf,
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
  ),
})).value
// Without indices: that library takes any element for the one at the index, we take the one at the index.
const path = fc.array(fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.constant(null) }), {
  minLength: 1,
  maxLength: 3,
})
// Values without null steps: there, that library is content when one of the selected values fits, we ask for all.
const claim = fc.oneof(
  fc.record({ path }),
  fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 2 }),
    values: fc.array(leaf, { minLength: 1, maxLength: 2 }),
  }),
)

t.test('an independent DCQL library judges the same credentials alike', async (t) => {
  const seen = { yes: 0, no: 0 }
  fc.assert(
    fc.property(
      fc.dictionary(name, claimsTree, { minKeys: 1, noNullPrototype: true }),
      fc.uniqueArray(claim, { minLength: 1, maxLength: 3, selector: ({ path }) => JSON.stringify(path) }),
      fc.constantFrom(true, false, false, false, false, false, false),
      fc.boolean(),
      (tree, asked, otherType, withSets) => {
        const claims = asked.map((claim, index) => ({ id: `c${index}`, ...claim }))
        const query = ask({
          claims,
          ...(withSets && {
            claim_sets: [claims.map(({ id }) => id).slice(1), ['c0']].filter((set) => set.length > 0),
          }),
        })
        const vct = otherType ? 'urn:other' : VCT
        const ours = matchCredential(vct, claimsOf(tree as never), query).length > 0
        const theirs = judgeElsewhere({ credentials: [query] }, vct, tree)
        if (ours) seen.yes += 1
        else seen.no += 1
        // Over a mixed array that library skips the elements that do not fit; VP#claims_path_pointer makes them an error.
        return asked.some((claim) => (claim.path as unknown[]).includes(null)) ? !ours || theirs : ours === theirs
      },
    ),
    { numRuns: 2_000, seed: 20_260_901 },
  )
  t.ok(seen.yes > 200 && seen.no > 200, 'both answers occurred often')
})

function judgeElsewhere(query: DcqlQuery, vct: string, claims: Record<string, unknown>): boolean {
  const presentation = { credential_format: 'dc+sd-jwt', vct, claims, cryptographic_holder_binding: true } as const
  const result = DcqlPresentationResult.fromDcqlPresentation(
    { pupil: [presentation as never] },
    { dcqlQuery: OtherQuery.parse(query as never) },
  )
  return result.can_be_satisfied
}
