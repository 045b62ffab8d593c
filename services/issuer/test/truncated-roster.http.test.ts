import { sql } from '@samen/pg-kit'
import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { filledSchool, stateOf } from './support/filled-school.ts'
import { readGuardianFacts, readPupilFacts } from './support/register.ts'
import {
  addAnotherSchool,
  deliveryFor,
  openSchoolNode,
  postRoster,
  rosterText,
  schoolOf,
  sendRoster,
  type TestSchool,
} from './support/roster-node.ts'

const FILES = ['users.csv', 'roles.csv', 'enrollments.csv', 'demographics.csv', 'classes.csv', 'orgs.csv'] as const

/** The first rows of a file, the header among them: what is left when an export stops at the end of a line. */
const firstRows = (name: string, rows: number): string =>
  `${rosterText(name).trimEnd().split('\n').slice(0, rows).join('\n')}\n`
const rowsOf = (name: string): number => rosterText(name).trimEnd().split('\n').length
const cut = (school: TestSchool, name: string, rows: number): Promise<Buffer> =>
  deliveryFor(school, { [name]: firstRows(name, rows).replace('99ZA00', school.brin) })

const node = await openSchoolNode(t)

t.test(
  'a file that was cut off at the end of a row changes nothing and revokes nothing, wherever it was cut',
  async (t) => {
    const school = await filledSchool(node)
    const before = await stateOf(node, school)
    t.equal(before.revoked, 0)
    for (const name of FILES) {
      const rows = rowsOf(name)
      const places = new Set([2, Math.floor(rows / 2), rows - 30, rows - 5].filter((at) => at > 1))
      for (const at of places) {
        const reply = await sendRoster(node, school, await cut(school, name, at))
        t.same(await stateOf(node, school), before, `${name} after row ${at}: ${reply.state}`)
        if (reply.state === 'applied')
          t.match(reply.report.changes, { added: 0, changed: 0, unchanged: 64, removed: 0 })
      }
    }
  },
)

t.test('when much is missing the delivery is held, and the report says what and how much', async (t) => {
  const school = await filledSchool(node)
  const cases: [(typeof FILES)[number], number, string, object][] = [
    ['users.csv', 40, 'gaps.pupils', { count: Number, of: Number }],
    ['users.csv', 90, 'gaps.guardians', { count: Number, of: 64 }],
    ['roles.csv', 95, 'gaps.guardians', { count: Number, of: 64 }],
    ['enrollments.csv', 40, 'gaps.enrolments', { count: Number, of: 64 }],
    ['demographics.csv', 10, 'gaps.ages', { count: 56, of: 64 }],
    ['classes.csv', 4, 'gaps.enrolments', { count: Number, of: 64 }],
  ]
  for (const [name, row, reason, counts] of cases) {
    const held = await sendRoster(node, school, await cut(school, name, row))
    t.equal(held.state, 'held', name)
    t.ok(held.report.held_for.includes(reason), `${name}: ${held.report.held_for}`)
    const [part = '', what = ''] = reason.split('.')
    t.match(held.report[part][what], counts)
    t.equal(held.report.changes, undefined)
  }
})

t.test('a school that has nothing yet is not filled from a file that was cut off either', async (t) => {
  const cases: [(typeof FILES)[number], number][] = [
    ['users.csv', 40],
    ['users.csv', 90],
    ['roles.csv', 30],
    ['roles.csv', 95],
    ['enrollments.csv', 40],
    ['demographics.csv', 10],
    ['classes.csv', 4],
  ]
  const school = await addAnotherSchool(node)
  for (const [name, row] of cases) {
    t.equal((await sendRoster(node, school, await cut(school, name, row))).state, 'held', `${name} after row ${row}`)
    t.same(await node.db(school.slug).many(sql`select id from pupil`), [])
  }
})

t.test(
  'authority that is taken back in the register is lost at once, one that a missing row hides is not',
  async (t) => {
    const school = await filledSchool(node)
    const [mother, father] = STORY_PUPILS.guardians
    const facts = async (guardian: string) =>
      readGuardianFacts(node.deps, await schoolOf(node, school.slug), guardian, STORY_PUPILS.child)
    const withoutRow = (text: string, id: string) =>
      text
        .split('\n')
        .filter((line) => !line.startsWith(`${id},`))
        .join('\n')
    const gap = withoutRow(rosterText('users.csv'), father)
    t.match(await sendRoster(node, school, await deliveryFor(school, { 'users.csv': gap })), {
      state: 'applied',
      report: { changes: { changed: 0 }, gaps: { guardians: { count: 3 } } },
    })
    t.match(await facts(father), { authority: 'joint' })
    t.equal((await stateOf(node, school)).revoked, 0)

    const court = gap.replaceAll(`{${mother}:joint},{${father}:joint}`, `{${mother}:sole}`)
    t.equal((await sendRoster(node, school, await deliveryFor(school, { 'users.csv': court }))).state, 'applied')
    t.match(await facts(mother), { authority: 'sole' })
    t.equal(await facts(father), undefined)
    t.equal((await stateOf(node, school)).revoked, 2, 'the copies about both children')
  },
)

t.test('authority that changed and names somebody who is not there is nobody’s', async (t) => {
  const school = await filledSchool(node)
  const [mother, father] = STORY_PUPILS.guardians
  const users = rosterText('users.csv').replace(`{${mother}:joint},{${father}:joint}`, '{ver-nobody:sole}')
  await sendRoster(node, school, await deliveryFor(school, { 'users.csv': users }))
  const found = await schoolOf(node, school.slug)
  for (const guardian of [mother, father])
    t.equal(await readGuardianFacts(node.deps, found, guardian, STORY_PUPILS.child), undefined)
  t.equal((await stateOf(node, school)).revoked, 1)
})

t.test('when the column with authority came empty the delivery is held', async (t) => {
  const school = await filledSchool(node)
  const users = rosterText('users.csv').replaceAll(/"?\{ver-[^"\n]*\}"?,/g, ',')
  const held = await sendRoster(node, school, await deliveryFor(school, { 'users.csv': users }))
  t.match(held, { state: 'held', report: { missing: { guardianships: { count: 106, of: 106 } } } })
  t.ok(held.report.held_for.includes('missing.guardianships'))
})

t.test('a held delivery is applied when the same zip is sent again with the id of its import', async (t) => {
  const school = await filledSchool(node)
  const zip = await cut(school, 'demographics.csv', 10)
  const held = await sendRoster(node, school, zip)
  const other = await postRoster(node, school, await cut(school, 'demographics.csv', 11), `?confirm=${held.id}`)
  t.equal(other.statusCode, 409, 'another zip')
  t.match(other.json(), { type: /nothing-to-confirm/ })
  t.equal((await postRoster(node, school, zip, '?confirm=AAAAAAAAAAAAAAAAAAAAAA')).statusCode, 409, 'another id')
  const confirmed = await sendRoster(node, school, zip, `?confirm=${held.id}`)
  t.match(confirmed, { state: 'applied', report: { changes: { changed: 55, unchanged: 9 } } })
  const found = await schoolOf(node, school.slug)
  t.ok((await readPupilFacts(node.deps, found, STORY_PUPILS.child))?.ageEqualOrOver)
})

t.test('a confirmation is worth nothing once another delivery was applied', async (t) => {
  const school = await filledSchool(node)
  const zip = await cut(school, 'demographics.csv', 10)
  const held = await sendRoster(node, school, zip)
  node.clock.advance(1)
  await sendRoster(node, school, await deliveryFor(school))
  t.equal((await postRoster(node, school, zip, `?confirm=${held.id}`)).statusCode, 409)
})
