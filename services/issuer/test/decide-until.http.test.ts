import t from 'tap'
import { deskOrder, openNode, postOffer } from './support/issuing-school.ts'

const node = await openNode(t)
const school = await node.addSchool('de-regenboog', '01AB00')

t.test('after the last day on which guardians decide they are offered nothing, as if they were nobody', async (t) => {
  const day = (offset: number) => new Date(node.clock.now().getTime() + offset * 86_400_000).toISOString().slice(0, 10)
  await school.addPupil('last-day', day(0))
  await school.addPupil('day-after', day(-1))
  const nobody = await postOffer(node, school, deskOrder('nobody'))
  for (const credentials of [['pupil'], ['guardianship']]) {
    t.equal((await postOffer(node, school, deskOrder('last-day', credentials))).statusCode, 201)
    const reply = await postOffer(node, school, deskOrder('day-after', credentials))
    t.equal(reply.statusCode, 422)
    t.equal(reply.body, nobody.body)
  }
  t.equal((await postOffer(node, school, { ...deskOrder('day-after'), holder: 'day-after' })).statusCode, 201)
})
