import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { filledSchool, stateOf } from './support/filled-school.ts'
import { readPupilFacts } from './support/register.ts'
import { deliveryFor, openSchoolNode, rosterText, schoolOf, sendRoster } from './support/roster-node.ts'

const node = await openSchoolNode(t)
const { child } = STORY_PUPILS
/** roles.csv in which the row of the child says this. */
const childsRole = (change: (row: string) => string): string =>
  rosterText('roles.csv')
    .split('\n')
    .map((row) => (row.includes(`,${child},`) ? change(row) : row))
    .join('\n')

for (const [what, change] of [
  ['names a role that does not exist', (row: string) => row.replace(',student,', ',leerling,')],
  ['names a school that does not exist', (row: string) => row.replace(',sch-de-waterlelie,', ',sch-de-waterlely,')],
  ['names no school', (row: string) => row.replace(',sch-de-waterlelie,', ',,')],
  ['has a date that does not exist', (row: string) => row.replace('2019-08-18', '2019-02-30')],
] as const)
  t.test(`a pupil whose row in roles.csv ${what} stays a pupil, with all that is known`, async (t) => {
    const school = await filledSchool(node)
    const before = await stateOf(node, school)
    const reply = await sendRoster(node, school, await deliveryFor(school, { 'roles.csv': childsRole(change) }))
    t.match(reply, {
      state: 'applied',
      report: { changes: { unchanged: 63, removed: 0 }, missing: { pupils: { count: 0 } } },
    })
    t.same(await stateOf(node, school), before)
    t.ok(await readPupilFacts(node.deps, await schoolOf(node, school.slug), child))
  })

t.test('a broken row about somebody at another school of the board, or about a teacher, keeps nobody', async (t) => {
  const school = await filledSchool(node)
  const moved = (row: string) =>
    row.replace(',sch-de-waterlelie,', ',sch-het-kompas,').replace(',student,', ',leerling,')
  const staff = 'rol-new,,,med-new,primary,leraar,,,sch-de-waterlelie,\n'
  const roles = `${childsRole(moved).trimEnd()}\n${staff}`
  const reply = await sendRoster(node, school, await deliveryFor(school, { 'roles.csv': roles }))
  t.match(reply, { state: 'applied', report: { changes: { removed: 1 }, missing: { pupils: { count: 1 } } } })
  t.match(reply.report.gaps.pupils, { count: Number })
})
