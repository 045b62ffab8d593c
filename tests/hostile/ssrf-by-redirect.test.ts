import { MARK_SCHOOL } from '@samen/consent'
import t from 'tap'
import { SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { until } from '../../scripts/story/until.ts'
import { startNetwork } from '../network.ts'
import { admit, startHostileServer } from './hostile-member.ts'
import { sendReceipt, startRegistry } from './hostile-registry.ts'
import { approve, callApp, registerPurpose, registerTaken } from './purposes.ts'
import { startTrap } from './trap.ts'
import { triedJobs } from './tried-jobs.ts'

t.test('a node that is sent on to another place does not go there', async (t) => {
  const story = await startNetwork(t, 'members')
  const [trap, server] = [await startTrap(t), await startHostileServer(t)]
  const registry = await startRegistry({ story, server, trap }, 'registry', [])
  const { app } = registry
  const data = { tenant: app.slug }
  const sendOn = (...visits: string[]) => {
    for (const visit of visits) server.answers.set(visit, () => ({ status: 307, location: `${trap.url}/inner` }))
  }
  /** That it was sent on, and did not go. */
  const assertStayed = (visit: string) => {
    t.ok(server.visits.includes(visit), `${visit} was asked`)
    t.equal(trap.caught(), 0, `nobody went on from ${visit}`)
  }

  sendOn('GET /candidate/.well-known/openid-federation')
  const candidate = await admit(story, `${server.url}/candidate`, MARK_SCHOOL)
  t.match(candidate, { status: 502, body: { type: 'urn:samen:problem:unreachable-entity' } })
  assertStayed('GET /candidate/.well-known/openid-federation')

  const purpose = await registerTaken(story, app, 'Oefenen')
  const published = `GET ${new URL(purpose.purpose_uri).pathname}`
  const publish = server.answers.get(published)
  server.visits.length = 0
  sendOn(published)
  await until('the school knows the registry', async () => (await approve(story, purpose.purpose_uri)).status !== 422)
  t.equal((await approve(story, purpose.purpose_uri)).status, 503)
  assertStayed(published)
  if (publish) server.answers.set(published, publish)
  t.equal((await approve(story, purpose.purpose_uri)).status, 201, 'where it stays, the purpose is read')

  sendOn('POST /hook')
  t.equal((await callApp(story, app, 'webhooks', { url: `${server.url}/hook` })).status, 201)
  const school = tenant(story, SCHOOL.slug).entityId
  t.equal((await callApp(story, app, 'consent-requests', { purpose: purpose.id, school })).status, 201)
  const given = { purpose_id: purpose.id, school, listUri: `${registry.entityId}/lists/1` }
  sendOn('GET /registry/lists/1')
  t.equal((await sendReceipt(story, registry, given)).status, 202)
  t.same(await triedJobs(story, 'verifier', 'webhooks', { data, count: 1 }), ['retry'])
  assertStayed('POST /hook')
  await until('the list is asked for', async () => server.visits.includes('GET /registry/lists/1'))
  server.answers.delete('GET /registry/lists/1')
  server.visits.length = 0
  // Lists are asked for on a timer: when the next question came, the answer to the one before was read.
  await until('the list is asked for again', async () => server.visits.includes('GET /registry/lists/1'))
  t.equal(trap.caught(), 0, 'nobody went on from the list')

  sendOn('POST /registry/purposes')
  t.equal((await registerPurpose(story, app, 'Meer oefenen')).status, 201)
  t.same(await triedJobs(story, 'verifier', 'registry-messages', { data, count: 2 }), ['completed', 'retry'])
  assertStayed('POST /registry/purposes')
})
