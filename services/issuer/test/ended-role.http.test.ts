import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { filledSchool, stateOf } from './support/filled-school.ts'
import { readGuardianFacts } from './support/register.ts'
import {
  deliveryFor,
  openSchoolNode,
  rosterText,
  schoolOf,
  sendRoster,
  type TestSchool,
} from './support/roster-node.ts'

const node = await openSchoolNode(t)
const [mother, father] = STORY_PUPILS.guardians
const factsOf = async (school: TestSchool, guardian: string) =>
  readGuardianFacts(node.deps, await schoolOf(node, school.slug), guardian, STORY_PUPILS.child)
/** roles.csv in which the rows of the father say this. */
const fathersRoles = (change: (row: string) => string): string =>
  rosterText('roles.csv')
    .split('\n')
    .map((row) => (row.includes(`,${father},`) ? change(row) : row))
    .join('\n')

t.test('what the sample says about the father, as these tests change it', async (t) => {
  const rows = rosterText('roles.csv')
    .split('\n')
    .filter((row) => row.includes(`,${father},`))
  t.match(rows, [/,primary,parent,,,sch-de-waterlelie,/])
})

for (const [what, change] of [
  ['has ended', (row: string) => row.replace(',parent,,,', ',parent,,2026-10-01,')],
  ['begins later', (row: string) => row.replace(',parent,,,', ',parent,2026-12-01,,')],
  ['is now that of a teacher', (row: string) => row.replace(',parent,', ',teacher,')],
  ['cannot be read', (row: string) => row.replace(',parent,', ',ouder,')],
] as const)
  t.test(
    `a parent whose role ${what} decides nothing any more, whatever the row of the child still says`,
    async (t) => {
      const school = await filledSchool(node)
      const roles = fathersRoles(change)
      const reply = await sendRoster(node, school, await deliveryFor(school, { 'roles.csv': roles }))
      t.equal(reply.state, 'applied')
      for (const guardian of [mother, father]) t.equal(await factsOf(school, guardian), undefined)
      t.equal((await stateOf(node, school)).revoked, 2, 'the copies about both children')
      t.ok(reply.report.rejected.some(({ reason }: { reason: string }) => reason === 'unknown-guardian'))
    },
  )

t.test(
  'a parent without any row in roles.csv keeps what was known: a row that is not there is no statement',
  async (t) => {
    const school = await filledSchool(node)
    const roles = fathersRoles(() => '')
    const reply = await sendRoster(
      node,
      school,
      await deliveryFor(school, { 'roles.csv': roles.replaceAll('\n\n', '\n') }),
    )
    t.match(reply, { state: 'applied', report: { gaps: { guardians: { count: 3 } } } })
    for (const guardian of [mother, father]) t.match(await factsOf(school, guardian), { authority: 'joint' })
    t.equal((await stateOf(node, school)).revoked, 0)
  },
)
