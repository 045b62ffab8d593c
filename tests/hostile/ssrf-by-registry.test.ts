import t, { type Test } from 'tap'
import { SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import type { Story } from '../../scripts/story/story.ts'
import { until } from '../../scripts/story/until.ts'
import { startNetwork } from '../network.ts'
import type { Answer } from '../raw-wallet.ts'
import { startHostileServer } from './hostile-member.ts'
import { type HostileRegistry, sendReceipt, sendWithdrawal, startRegistry } from './hostile-registry.ts'
import { approve, callApp, registerPurpose, registerTaken } from './purposes.ts'
import { startTrap } from './trap.ts'
import { triedJobs } from './tried-jobs.ts'

t.test('a registry cannot have its post sent, or a list fetched, at another place than its own', async (t) => {
  const story = await startNetwork(t, 'members')
  const [trap, server] = [await startTrap(t), await startHostileServer(t)]
  const world = { story, trap, server }
  const withoutPurposes = await startRegistry(world, 'no-purposes', ['purposes'])
  const withoutQuestions = await startRegistry(world, 'no-questions', ['agreements', 'consent-requests'])
  const withoutDeletions = await startRegistry(world, 'no-deletions', ['deletion-receipts'])
  const honest = await startRegistry(world, 'honest', [])
  const school = tenant(story, SCHOOL.slug).entityId
  const nobodyCame = (t: Test) => t.equal(trap.caught(), 0, 'nobody came into the trap')

  await t.test('a purpose', async (t) => {
    const statement = 'GET /no-purposes/.well-known/openid-federation'
    const readings = () => server.visits.filter((visit) => visit === statement).length
    const before = readings()
    t.equal((await registerPurpose(story, withoutPurposes.app, 'Oefenen')).status, 201)
    await until('the verifier reads where the registry takes purposes', async () => readings() > before)
    t.same(await messagesOf(story, withoutPurposes, 1), ['retry'])
    nobodyCame(t)
  })

  await t.test('the name of an app that is no member, in a purpose', async (t) => {
    const purpose = await registerTaken(story, withoutQuestions.app, 'Oefenen')
    withoutQuestions.publishedFor = trap.url
    t.equal((await approveHere(story, purpose.purpose_uri)).body.type, 'urn:samen:problem:app-not-trusted')
    nobodyCame(t)
  })

  await t.test('an agreement, and a question to a family', async (t) => {
    withoutQuestions.publishedFor = withoutQuestions.app.entityId
    const purpose = await registerTaken(story, withoutQuestions.app, 'Oefenen')
    t.match(await approveHere(story, purpose.purpose_uri), { status: 201, body: { state: 'signed' } })
    nobodyCame(t)
    const asked = await callApp(story, withoutQuestions.app, 'consent-requests', { purpose: purpose.id, school })
    t.match(asked, { status: 503, body: { type: 'urn:samen:problem:registry-unavailable' } })
    nobodyCame(t)
  })

  const endings = [
    { registry: withoutDeletions, name: 'no-deletions', outcome: 'retry' },
    { registry: honest, name: 'honest', outcome: 'completed' },
  ]
  for (const { registry, name, outcome } of endings) {
    await t.test(`a list of live consents, and the word that data is deleted (${name})`, async (t) => {
      const purpose = await registerTaken(story, registry.app, 'Oefenen')
      t.match(await approveHere(story, purpose.purpose_uri), { status: 201, body: { state: 'delivered' } })
      const asked = await callApp(story, registry.app, 'consent-requests', { purpose: purpose.id, school })
      t.equal(asked.status, 201)

      const given = { purpose_id: purpose.id, school }
      const elsewhere = await sendReceipt(story, registry, { ...given, listUri: `${trap.url}/lists/1` })
      t.equal(elsewhere.status, 400, 'a receipt whose list lies elsewhere')
      const here = await sendReceipt(story, registry, { ...given, listUri: `${registry.entityId}/lists/1` })
      t.equal(here.status, 202, 'a receipt whose list lies at the registry')
      await until('the list is fetched', async () => server.visits.includes(`GET /${name}/lists/1`))
      nobodyCame(t)

      t.equal((await sendWithdrawal(story, registry)).status, 202)
      await confirmDeletion(t, story, registry)
      t.same(await messagesOf(story, registry, 2), ['completed', outcome])
      nobodyCame(t)
    })
  }
  t.same(
    server.visits.filter((visit) => visit.startsWith('POST /honest/')),
    ['purposes', 'agreements', 'consent-requests', 'deletion-receipts'].map((path) => `POST /honest/${path}`),
    'the honest registry got everything at its own places',
  )
})

function messagesOf(story: Story, { app }: HostileRegistry, count: number): Promise<string[]> {
  return triedJobs(story, 'verifier', 'registry-messages', { data: { tenant: app.slug }, count })
}

/** Approves, as soon as the school knows that the registry has joined. */
async function approveHere(story: Story, uri: string): Promise<Answer> {
  let answer = await approve(story, uri)
  await until('the school knows the registry', async () => {
    if (answer.body.type === 'urn:samen:problem:registry-not-trusted') answer = await approve(story, uri)
    return answer.body.type !== 'urn:samen:problem:registry-not-trusted'
  })
  return answer
}

async function confirmDeletion(t: Test, story: Story, { app, handle }: HostileRegistry): Promise<void> {
  const url = `${app.entityId.replace('/apps/', '/v1/apps/')}/deletions`
  const { body } = await story.client.call('GET', url, { apiKey: app.apiKey, expect: 200 })
  const duty = body.deletions.find(({ consent }: { consent: string }) => consent === handle)
  t.equal((await callApp(story, app, `deletions/${duty?.id}/confirmation`, {})).status, 200)
}
