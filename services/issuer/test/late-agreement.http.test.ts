import { FetchError } from '@samen/http-kit'
import t from 'tap'
import { deliverAgreement } from '../src/agreement/deliver-agreement.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { DELIVER_AGREEMENT } from '../src/queues.ts'
import { admit, call, openSchoolNode, publishPurpose, schoolOf } from './support/roster-node.ts'

t.test('an agreement is offered to its registry for a whole year, if it takes so long', async (t) => {
  const { retryLimit, retryDelayMaxSeconds } = DELIVER_AGREEMENT
  t.ok((retryLimit * retryDelayMaxSeconds) / 86_400 >= 365)
})

t.test('an agreement whose last day is over is not sent any more', async (t) => {
  const node = await openSchoolNode(t)
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  node.outside.answer = () => {
    throw new FetchError('unreachable')
  }
  const terms = { guardians: 'every', processor_agreement: { model: 'm', reference: 'r', signed_at: '2026-08-20' } }
  const order = { purpose_uri: await publishPurpose(node), ...terms, valid_until: '2026-11-30' }
  const { id } = (await call(node, school, 'POST', 'agreements', order)).json()
  const job = { tenant: school.slug, id }
  const sent = () => node.outside.posted.length
  const before = sent()
  await t.rejects(deliverAgreement(node.deps, job))
  t.equal(sent(), before + 1)
  node.clock.advance(7 * 86_400)
  await deliverAgreement(node.deps, job)
  t.equal(sent(), before + 1)
  t.match((await call(node, school, 'GET', `agreements/${id}`)).json(), { state: 'signed' })
})
