import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { filledSchool, stateOf } from './support/filled-school.ts'
import { readGuardianFacts } from './support/register.ts'
import { deliveryFor, openSchoolNode, rosterText, schoolOf, sendRoster } from './support/roster-node.ts'

const node = await openSchoolNode(t)
/** demographics.csv in which the child is sixteen on 15 March 2027. */
const older = rosterText('demographics.csv').replace('2014-10-09', '2011-03-15')

t.test('when guardians decide until an earlier day than a copy in a wallet says, the copy is revoked', async (t) => {
  const school = await filledSchool(node)
  const facts = async () =>
    readGuardianFacts(node.deps, await schoolOf(node, school.slug), STORY_PUPILS.guardians[0], STORY_PUPILS.child)
  t.match(await facts(), { decideUntil: '2027-07-31' })
  const reply = await sendRoster(node, school, await deliveryFor(school, { 'demographics.csv': older }))
  t.match(reply, { state: 'applied', report: { changes: { changed: 1 } } })
  t.match(await facts(), { decideUntil: '2027-02-28' })
  t.equal((await stateOf(node, school)).revoked, 1)
})

t.test('a school year that ends some days earlier revokes nothing: nobody is sixteen by then', async (t) => {
  const school = await filledSchool(node)
  const sessions = rosterText('academicSessions.csv').replace('2026-08-01,2027-08-01', '2026-08-01,2027-07-18')
  const reply = await sendRoster(node, school, await deliveryFor(school, { 'academicSessions.csv': sessions }))
  t.match(reply, { state: 'applied', report: { changes: { changed: 64 } } })
  t.equal((await stateOf(node, school)).revoked, 0)
})

t.test('a later day leaves the copies alone: what they say stays true', async (t) => {
  const school = await filledSchool(node)
  await sendRoster(node, school, await deliveryFor(school, { 'demographics.csv': older }))
  const before = await stateOf(node, school)
  const reply = await sendRoster(node, school, await deliveryFor(school))
  t.match(reply, { state: 'applied', report: { changes: { changed: 1 } } })
  t.equal((await stateOf(node, school)).revoked, before.revoked)
})
