import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import {
  deskOrder,
  type IssuingNode,
  type TestSchool as IssuingSchool,
  makeOffer,
  readCode,
} from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'
import {
  admit,
  call,
  deliveryFor,
  type Node,
  openSchoolNode,
  rosterText,
  schoolOf,
  sendRoster,
} from './support/roster-node.ts'

const [mother] = STORY_PUPILS.guardians

/** A school with a register, and an offer to the same mother about each of her two children: one in group 8, one in group 5. */
async function offered(node: Node) {
  const school = await node.addSchool()
  await admit(node, school.slug)
  await pullMembership(node.deps, await schoolOf(node, school.slug))
  await sendRoster(node, school, await deliveryFor(school))
  // The hands of a wallet need less than either kind of node and school has.
  const [issuing, maker] = [node as unknown as IssuingNode, school as unknown as IssuingSchool]
  const offer = async (subject: string) => {
    const made = await makeOffer(issuing, maker, { ...deskOrder(subject, ['pupil', 'guardianship']), holder: mother })
    const code = await readCode(issuing, made)
    return { ...made, redeem: () => new TestWallet(issuing, maker).redeem(code, made.tx_code) }
  }
  const stateOf = async ({ id }: { id: string }) => (await call(node, school, 'GET', `offers/${id}`)).json().state
  return { school, child: await offer(STORY_PUPILS.child), sibling: await offer(STORY_PUPILS.sibling), stateOf }
}

t.test('a delivery that changes a pupil ends what was offered before about that pupil, and nothing else', async (t) => {
  const node = await openSchoolNode(t)
  const { school, child, sibling, stateOf } = await offered(node)
  const classes = rosterText('classes.csv').replace('Groep 8', 'Groep 8 rood')
  await sendRoster(node, school, await deliveryFor(school, { 'classes.csv': classes }))
  t.equal(await stateOf(child), 'cancelled')
  t.equal((await child.redeem()).json().error, 'invalid_grant', 'its facts are not true any more')
  t.equal(await stateOf(sibling), 'open')
  t.equal((await sibling.redeem()).statusCode, 200)
})

t.test('a delivery that says the same again ends no offer', async (t) => {
  const node = await openSchoolNode(t)
  const { school, child, sibling } = await offered(node)
  await sendRoster(node, school, await deliveryFor(school))
  for (const offer of [child, sibling]) t.equal((await offer.redeem()).statusCode, 200)
})

t.test('a delivery that takes authority away finds the offer that was made just before', async (t) => {
  const node = await openSchoolNode(t)
  const { school, child, stateOf } = await offered(node)
  const [first = '', ...rest] = rosterText('users.csv').split(`\n${STORY_PUPILS.sibling},`)
  const taken = first.replace(
    `{${mother}:joint},{${STORY_PUPILS.guardians[1]}:joint}`,
    `{${STORY_PUPILS.guardians[1]}:sole}`,
  )
  const users = [taken, ...rest].join(`\n${STORY_PUPILS.sibling},`)
  await sendRoster(node, school, await deliveryFor(school, { 'users.csv': users }))
  t.equal(await stateOf(child), 'cancelled')
  t.equal((await child.redeem()).json().error, 'invalid_grant')
})
