import { sql } from '@samen/pg-kit'
import t from 'tap'
import { STORY_PUPILS } from '../../../tests/fixtures/cast.ts'
import { pullMembership } from '../src/membership/pull-membership.ts'
import { deskOrder, type IssuingNode, type TestSchool as Maker, makeOffer } from './support/issuing-school.ts'
import { TestWallet } from './support/playing-wallet.ts'
import { admit, deliveryFor, openSchoolNode, publishPurpose, schoolOf, sendRoster } from './support/roster-node.ts'

t.test('the journal says with which key of the school each thing was done', async (t) => {
  const node = await openSchoolNode(t)
  const first = await node.addSchool()
  await admit(node, first.slug)
  await pullMembership(node.deps, await schoolOf(node, first.slug))
  const send = (apiKey: string, method: 'POST' | 'DELETE', path: string, payload?: object) =>
    node.app.inject({
      method,
      url: `/v1/schools/${first.slug}/${path}`,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(payload && { payload }),
    })
  const scopes = ['roster', 'agreements', 'offers', 'credentials']
  const made = (await send(first.apiKey, 'POST', 'api-keys', { scopes })).json()
  const [{ id: firstId } = { id: '' }] = await node
    .db(first.slug)
    .many<{ id: string }>(sql`select id from api_key where id <> ${made.id}`)
  const desk = { ...first, apiKey: made.api_key as string }
  const [issuing, maker] = [node as unknown as IssuingNode, desk as unknown as Maker]

  await sendRoster(node, desk, await deliveryFor(desk))
  const terms = { guardians: 'every', processor_agreement: { model: 'm', reference: 'r', signed_at: '2026-08-20' } }
  const purpose = { purpose_uri: await publishPurpose(node), ...terms, valid_until: '2027-07-31' }
  t.equal((await send(desk.apiKey, 'POST', 'agreements', purpose)).statusCode, 201)
  const order = { ...deskOrder(STORY_PUPILS.child), holder: STORY_PUPILS.guardians[0] }
  const offer = await makeOffer(issuing, maker, order)
  const wallet = await new TestWallet(issuing, maker).take(offer)
  await wallet.askFor('pupil')
  const [{ id: issued } = { id: '' }] = await node.db(desk.slug).many<{ id: string }>(sql`select id from issuance`)
  t.equal((await send(desk.apiKey, 'POST', `credentials/${issued}/revocation`)).statusCode, 200)
  t.equal((await send(desk.apiKey, 'DELETE', `offers/${offer.id}`)).statusCode, 204)
  t.equal((await send(desk.apiKey, 'DELETE', `api-keys/${made.id}`)).statusCode, 204)

  const events = await node
    .db(first.slug)
    .many<{ action: string; actor: string }>(sql`select action, actor from audit_event order by action, actor`)
  const actorOf = (action: string) => events.find((event) => event.action === action)?.actor
  t.equal(actorOf('api-key.added'), firstId)
  for (const action of [
    'roster.imported',
    'agreement.signed',
    'offer.created',
    'credential.revoked',
    'offer.cancelled',
    'api-key.deleted',
  ])
    t.equal(actorOf(action), made.id, action)
})
