import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import {
  deskOrder,
  type IssuingNode,
  type TestSchool as Maker,
  makeOffer,
  postOffer,
} from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'
import { admit, deliveryFor, openSchoolNode, rosterText, schoolOf, sendRoster } from './support/roster-node.ts'

const YEAR = '2026-08-01,2027-08-01'
const order = { ...deskOrder(STORY_PUPILS.child), holder: STORY_PUPILS.guardians[0] }

/** On a day so many days after 24 November 2026, a school that has sent its pupils of a year with these dates. */
async function schoolInYear(t: Parameters<typeof openSchoolNode>[0], days: number, dates: string) {
  const node = await openSchoolNode(t)
  node.clock.advance(days * 86_400)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  const sessions = rosterText('academicSessions.csv').replace(YEAR, dates)
  const sent = await sendRoster(node, school, await deliveryFor(school, { 'academicSessions.csv': sessions }))
  if (sent.state !== 'applied') throw new Error(`not applied: ${JSON.stringify(sent.report.refusal)}`)
  return [node as unknown as IssuingNode, school as unknown as Maker] as const
}

t.test('in June a new school hands out credentials of the year that begins in August', async (t) => {
  const [node, school] = await schoolInYear(t, 190, '2027-08-01,2028-08-01')
  t.match(node.clock.now().toISOString(), /^2027-06-02/)
  const wallet = await new TestWallet(node, school).take(await makeOffer(node, school, order))
  t.equal((await wallet.askFor('pupil')).statusCode, 200)
})

t.test(
  'of a school year that ends too far away nothing is offered, rather than something that is never signed',
  async (t) => {
    const [node, school] = await schoolInYear(t, 0, '2026-08-01,2028-08-01')
    const reply = await postOffer(node, school, order)
    t.equal(reply.statusCode, 422)
    t.match(reply.json(), { type: 'urn:samen:problem:school-year-too-long' })
  },
)
