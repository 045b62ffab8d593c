import { randomBytes } from 'node:crypto'
import {
  bindPseudonym,
  MARK_CONSENT_REGISTRY,
  RECEIPT_MESSAGE,
  type Receipt,
  signNodeMessage,
  WITHDRAWAL_MESSAGE,
  withdrawalEvents,
} from '@samen/consent'
import { decodeJwt, encryptJwe, type PublicJwk, type SigningKey } from '@samen/jwt-profile'
import { compressStatusList, newBits, setStatus, signStatusListToken } from '@samen/status-list'
import type { JsonObject } from '@samen/strict-json'
import { type Others, serveMember, type TestFederation } from '@samen/test-kit'

/** A consent registry that is a member: it takes messages, publishes one list of live consents, and writes to apps. */
export interface Registry {
  readonly entityId: string
  /** header and payload of every message that arrived */
  readonly received: { header: JsonObject; payload: JsonObject }[]
  /** the handle of every question that was opened, by the id of its message */
  readonly questions: Map<string, string>
  /** what the next messages are answered with, until it is set back to undefined */
  answer: { status: number; body: string } | undefined
  receipt(given: {
    handle: string
    purpose: { id: string; version: number }
    school: string
    pseudonym: string
    idx?: number
  }): Receipt
  /** The receipt as it travels: signed, encrypted to the app. `typ`, `aud`, `jti` may be bent for hostile tests. */
  sealReceipt(receipt: Receipt, app: { entityId: string; encryptionKey: PublicJwk }, bent?: Bent): Promise<string>
  notice(handle: string, app: { entityId: string }, bent?: Bent): string
  /** From now on its own statement names endpoints at another place. */
  moveEndpoints(place: string): void
  withdraw(idx: number): void
  /** From now on the list cannot be fetched. */
  goAway(): void
  comeBack(): void
}

type Bent = {
  typ?: string
  aud?: string
  jti?: string
  now?: Date
  key?: SigningKey
  iss?: string
}

const LEASE_SECONDS = 10

export async function startRegistry(
  { base, answers }: Others,
  federation: TestFederation,
  now: () => Date,
  path = '/registry',
): Promise<Registry> {
  const entityId = `${base}${path}`
  let endpoints = endpointsAt(`${entityId}/v1`)
  const metadata = () => ({ samen_consent_registry: endpoints })
  const member = await federation.createMember({ entityId, trustMarks: [MARK_CONSENT_REGISTRY], metadata })
  serveMember({ answers }, member)
  const { federationKey: key, protocolKey: listKey } = member
  const bits = newBits(1_000, 1)
  const listUri = `${entityId}/consent-lists/1`
  const list = () => leasedList(listKey, listUri, bits, now())
  const registry: Registry = {
    entityId,
    received: [],
    questions: new Map(),
    answer: undefined,
    moveEndpoints(place) {
      endpoints = endpointsAt(place)
    },
    withdraw: (idx) => setStatus(bits, idx, 1),
    goAway: () => void answers.delete(`GET ${path}/consent-lists/1`),
    comeBack: () => void answers.set(`GET ${path}/consent-lists/1`, list),
    receipt: (given) => receiptOf(given, listUri, now()),
    async sealReceipt(receipt, app, bent = {}) {
      const token = signNodeMessage(bent.key ?? key, {
        ...envelope(entityId, app.entityId, now(), bent),
        typ: bent.typ ?? RECEIPT_MESSAGE.typ,
        body: { receipt: receipt as unknown as JsonObject },
      })
      return encryptJwe(token, app.encryptionKey as PublicJwk & { kid: string }, {}, 'A256GCM')
    },
    notice: (handle, app, bent = {}) =>
      signNodeMessage(bent.key ?? key, {
        ...envelope(entityId, app.entityId, now(), bent),
        typ: bent.typ ?? WITHDRAWAL_MESSAGE.typ,
        body: { events: withdrawalEvents({ handle, delete_by: '2027-01-31' }) as unknown as JsonObject },
      }),
  }
  registry.comeBack()
  takeMessages(registry, { base, answers }, path)
  return registry
}

function endpointsAt(place: string) {
  return {
    purpose_endpoint: `${place}/purposes`,
    consent_request_endpoint: `${place}/consent-requests`,
    deletion_receipt_endpoint: `${place}/deletion-receipts`,
  }
}

function leasedList(key: SigningKey, uri: string, bits: ReturnType<typeof newBits>, issuedAt: Date) {
  const expiresAt = new Date(issuedAt.getTime() + LEASE_SECONDS * 1_000)
  const list = { key, uri, bits: 1, issuedAt, expiresAt, ttlSeconds: 3, compressed: compressStatusList(bits) } as const
  return { type: 'application/statuslist+jwt', body: signStatusListToken(list) }
}

function receiptOf(given: Parameters<Registry['receipt']>[0], uri: string, now: Date): Receipt {
  const { handle, purpose, school, pseudonym, idx = 1 } = given
  const salt = randomBytes(16).toString('base64url')
  return {
    handle,
    purpose_id: purpose.id,
    purpose_version: purpose.version,
    school,
    until: inDays(30, now).toISOString().slice(0, 10),
    status: { status_list: { uri, idx } },
    binding_salt: salt,
    binding: bindPseudonym(salt, pseudonym),
  }
}

function inDays(days: number, from = new Date()): Date {
  return new Date(from.getTime() + days * 86_400_000)
}

function envelope(entityId: string, aud: string, now: Date, bent: Bent) {
  return {
    iss: bent.iss ?? entityId,
    aud: bent.aud ?? aud,
    now: bent.now ?? now,
    expiresAt: 'not-used' as const,
    jti: bent.jti ?? randomBytes(16).toString('base64url'),
  }
}

function takeMessages(registry: Registry, { base, answers }: Pick<Others, 'base' | 'answers'>, path: string): void {
  const take = (name: string, reply: (jti: string) => object) =>
    answers.set(`POST ${path}/v1/${name}`, ({ body }) => {
      const message = decodeJwt(body, { maxBytes: 65_536 })
      registry.received.push(message)
      const made = JSON.stringify(reply(String(message.payload['jti'])))
      return { ...(registry.answer ?? { status: 201, body: made }), type: 'application/json' }
    })
  take('purposes', () => ({}))
  take('deletion-receipts', () => ({}))
  // One question has one end, however often it is sent.
  const expires_at = inDays(30).toISOString()
  take('consent-requests', (jti) => {
    const handle = registry.questions.get(jti) ?? randomBytes(16).toString('base64url')
    if (registry.answer === undefined) registry.questions.set(jti, handle)
    return { handle, page_url: `${base}${path}/requests/${handle}`, expires_at }
  })
}
