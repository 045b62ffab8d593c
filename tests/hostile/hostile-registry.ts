// A consent registry that is a member and does its work, but names places as it likes.
import { randomBytes } from 'node:crypto'
import {
  MARK_APP_VENDOR,
  MARK_CONSENT_REGISTRY,
  type Purpose,
  purposeHash,
  RECEIPT_MESSAGE,
  WITHDRAWAL_MESSAGE,
  withdrawalEvents,
} from '@samen/consent'
import { decodeJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { publicUrl } from '../../scripts/network/settings.ts'
import { untilMember } from '../../scripts/story/steps/enrol-members.ts'
import type { Story } from '../../scripts/story/story.ts'
import { lastDayOf } from '../fixtures/school-calendar.ts'
import type { Answer } from '../raw-wallet.ts'
import {
  admit,
  type HostileMember,
  type HostileServer,
  joinAsMember,
  operate,
  postEncrypted,
  sendMessage,
} from './hostile-member.ts'
import type { Trap } from './trap.ts'

/** What a registry takes messages at, by the path below it. */
export const ENDPOINTS = {
  purposes: 'purpose_endpoint',
  agreements: 'agreement_endpoint',
  'consent-requests': 'consent_request_endpoint',
  'deletion-receipts': 'deletion_receipt_endpoint',
} as const
export type EndpointPath = keyof typeof ENDPOINTS

export interface HostileRegistry {
  readonly entityId: string
  readonly member: HostileMember
  /** an app of the verifier that has this registry */
  readonly app: { readonly slug: string; readonly apiKey: string; readonly entityId: string }
  /** the app in whose name purposes are published; that app unless a test puts another one here */
  publishedFor: string
  /** the handle of the last question that was put */
  handle: string
}

type World = { readonly story: Story; readonly server: HostileServer; readonly trap: Trap }

/** Opens a registry at `/{name}` and gives it an app; the endpoints of `misplaced` lead into the trap. */
export async function startRegistry(
  world: World,
  name: string,
  misplaced: readonly EndpointPath[],
): Promise<HostileRegistry> {
  const { story, server, trap } = world
  const placeOf = (entityId: string, path: EndpointPath) => `${misplaced.includes(path) ? trap.url : entityId}/${path}`
  const member = await joinAsMember(world, `/${name}`, {
    mark: MARK_CONSENT_REGISTRY,
    metadata: (entityId, { publicJwk }) => ({
      openid_credential_verifier: { jwks: { keys: [publicJwk as unknown as JsonObject] } },
      samen_consent_registry: Object.fromEntries(
        Object.entries(ENDPOINTS).map(([path, endpoint]) => [endpoint, placeOf(entityId, path as EndpointPath)]),
      ),
    }),
  })
  const app = await addApp(story, name, member.entityId)
  const registry: HostileRegistry = { entityId: member.entityId, member, app, publishedFor: app.entityId, handle: '' }
  takeMessages(server, registry)
  return registry
}

async function addApp(story: Story, slug: string, registry: string): Promise<HostileRegistry['app']> {
  const app = { slug, name: slug, registry }
  const { status, body } = await operate(story, 'verifier', `${publicUrl(story.settings, 'verifier')}/v1/apps`, app)
  if (status !== 201) throw new Error(`the verifier answered ${status}`)
  await admit(story, body.entity_id, MARK_APP_VENDOR)
  await untilMember(body.entity_id)
  return { slug, apiKey: body.api_key, entityId: body.entity_id }
}

/** It publishes what it is told, and opens a question for everybody who asks. */
function takeMessages({ answers }: HostileServer, registry: HostileRegistry): void {
  const { entityId } = registry
  const path = new URL(entityId).pathname
  answers.set(`POST ${path}/purposes`, (message) => {
    const purpose = decodeJwt(message, { maxBytes: 65_536 }).payload['purpose'] as unknown as Purpose
    answers.set(`GET ${path}/purposes/${purpose.id}/${purpose.version}`, () => ({
      body: JSON.stringify({
        registry: entityId,
        app: registry.publishedFor,
        app_name: 'App',
        purpose,
        purpose_hash: purposeHash(purpose),
      }),
    }))
    return { status: 201 }
  })
  answers.set(`POST ${path}/agreements`, () => ({ status: 201 }))
  answers.set(`POST ${path}/deletion-receipts`, () => ({ status: 201 }))
  answers.set(`POST ${path}/consent-requests`, () => {
    registry.handle = randomBytes(16).toString('base64url')
    const page_url = `${entityId}/requests/${registry.handle}`
    const expires_at = new Date(Date.now() + 86_400_000).toISOString()
    return { status: 201, body: JSON.stringify({ handle: registry.handle, page_url, expires_at }) }
  })
}

/** Tells the app that its last question was answered with yes, and at `listUri` for how long that holds. */
export function sendReceipt(
  { calendar }: Story,
  { member, app, handle }: HostileRegistry,
  given: { purpose_id: string; school: string; listUri: string },
): Promise<Answer> {
  const { purpose_id, school, listUri: uri } = given
  const receipt = {
    handle,
    purpose_id,
    purpose_version: 1,
    school,
    until: lastDayOf(calendar),
    status: { status_list: { uri, idx: 1 } },
    binding_salt: randomBytes(16).toString('base64url'),
    binding: randomBytes(32).toString('base64url'),
  }
  const { typ } = RECEIPT_MESSAGE
  return postEncrypted(app.entityId, member.sign({ typ, aud: app.entityId, body: { receipt } }))
}

/** Tells the app that this consent was withdrawn. */
export function sendWithdrawal({ calendar }: Story, { member, app, handle }: HostileRegistry): Promise<Answer> {
  const events = withdrawalEvents({ handle, delete_by: lastDayOf(calendar) })
  const message = member.sign({ typ: WITHDRAWAL_MESSAGE.typ, aud: app.entityId, body: { events } })
  return sendMessage(`${app.entityId}/events`, message, 'application/secevent+jwt')
}
