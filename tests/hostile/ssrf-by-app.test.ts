import { CONSENT_REQUEST_MESSAGE, MARK_APP_VENDOR, PURPOSE_MESSAGE } from '@samen/consent'
import { generateEncryptionKey } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import t, { type Test } from 'tap'
import { publicUrl } from '../../scripts/network/settings.ts'
import { SCHOOL } from '../../scripts/story/cast.ts'
import { tenant } from '../../scripts/story/memory.ts'
import { decide } from '../../scripts/story/steps/ask-consent.ts'
import { handOutCredentials } from '../../scripts/story/steps/hand-out-credentials.ts'
import type { Story } from '../../scripts/story/story.ts'
import { until } from '../../scripts/story/until.ts'
import { need } from '../../scripts/story/wallets.ts'
import { startNetwork } from '../network.ts'
import { type HostileMember, joinAsMember, sendMessage, startHostileServer } from './hostile-member.ts'
import { approve, purposeText } from './purposes.ts'
import { startTrap } from './trap.ts'
import { triedJobs } from './tried-jobs.ts'

/** What each app says about where it takes its post: its own place, or the trap instead of it. */
const APPS = [
  { slug: 'honest', misplaced: undefined, outcome: 'completed' },
  { slug: 'receipts', misplaced: 'receipt_endpoint', outcome: 'retry' },
  { slug: 'events', misplaced: 'event_endpoint', outcome: 'retry' },
] as const

t.test('an app cannot have a registry send its post to another place than its own', async (t) => {
  const story = await startNetwork(t, 'roster')
  const world = { story, trap: await startTrap(t), server: await startHostileServer(t) }
  const apps = new Map<string, HostileMember>()
  for (const { slug, misplaced } of APPS) {
    const member = await joinAsMember(world, `/apps/${slug}`, {
      mark: MARK_APP_VENDOR,
      metadata: (entityId) => ({
        samen_app: { ...postBoxes(entityId), ...(misplaced && { [misplaced]: world.trap.url }) },
      }),
    })
    world.server.answers.set(`POST /apps/${slug}/receipts`, () => ({ status: 202 }))
    world.server.answers.set(`POST /apps/${slug}/events`, () => ({ status: 202 }))
    apps.set(slug, member)
  }
  const purposes = new Map<string, string>()
  for (const [slug, app] of apps) purposes.set(slug, await agreeOnPurpose(t, story, app))
  await handOutCredentials(story)

  const handles = new Map<string, string>()
  for (const [slug, app] of apps) handles.set(slug, await giveConsent(t, story, app, purposes.get(slug) ?? ''))
  await t.test('the receipt of a consent', async (t) => {
    for (const { slug, outcome } of APPS) {
      const sent = await triedJobs(story, 'consent-registry', 'receipt', jobOf(handles.get(slug)))
      t.same(sent, [outcome], `to the app ${slug}`)
    }
    t.equal(world.trap.caught(), 0, 'nobody came into the trap')
  })
  for (const { slug } of APPS) {
    story.family.consent = pageOf(story, handles.get(slug) ?? '')
    await decide(story, need(story.family.first, 'first wallet'), 'withdraw', 'on the phone itself')
  }
  await t.test('the notice that it was withdrawn', async (t) => {
    for (const { slug, outcome } of APPS) {
      const sent = await triedJobs(story, 'consent-registry', 'withdrawal-notice', jobOf(handles.get(slug)))
      t.same(sent, [outcome], `to the app ${slug}`)
    }
    t.equal(world.trap.caught(), 0, 'nobody came into the trap')
  })
  const delivered = world.server.visits.filter((visit) => visit.startsWith('POST '))
  t.same(delivered, ['POST /apps/honest/receipts', 'POST /apps/honest/events'], 'the honest app got both')
})

const jobOf = (handle: string | undefined) => ({ data: { handle }, count: 1 })

function postBoxes(entityId: string): JsonObject {
  return {
    receipt_endpoint: `${entityId}/receipts`,
    event_endpoint: `${entityId}/events`,
    jwks: { keys: [generateEncryptionKey().publicJwk as unknown as JsonObject] },
  }
}

/** The app tells the registry what it wants to know, and the school approves that. */
async function agreeOnPurpose(t: Test, story: Story, app: HostileMember): Promise<string> {
  const registry = publicUrl(story.settings, 'consent-registry')
  const id = app.entityId.split('/').at(-1)?.padEnd(22, 'A') ?? ''
  const purpose = { id, version: 1, ...purposeText(story, 'Oefenen') } as unknown as JsonObject
  const message = { typ: PURPOSE_MESSAGE.typ, aud: registry, body: { purpose } }
  // Who has just joined is a stranger until the list of members is read again.
  const isTaken = async () => (await sendMessage(`${registry}/v1/purposes`, app.sign(message))).status === 201
  await until('the registry knows the app', isTaken)
  t.equal((await approve(story, `${registry}/purposes/${id}/1`)).status, 201, 'the school approves the purpose')
  return id
}

/** The app asks, and one guardian says yes. */
async function giveConsent(t: Test, story: Story, app: HostileMember, purpose_id: string): Promise<string> {
  const registry = publicUrl(story.settings, 'consent-registry')
  const expires_at = new Date(Date.now() + 86_400_000).toISOString()
  const request = { purpose_id, purpose_version: 1, school: tenant(story, SCHOOL.slug).entityId, expires_at }
  const message = { typ: CONSENT_REQUEST_MESSAGE.typ, aud: registry, body: { request } }
  const { status, body } = await sendMessage(`${registry}/v1/consent-requests`, app.sign(message))
  t.equal(status, 201, 'the app may ask')
  story.family.consent = pageOf(story, body.handle)
  await decide(story, need(story.family.first, 'first wallet'), 'yes', 'on the phone itself')
  return body.handle
}

function pageOf({ settings }: Story, handle: string) {
  return { handle, pageUrl: `${publicUrl(settings, 'consent-registry')}/requests/${handle}` }
}
