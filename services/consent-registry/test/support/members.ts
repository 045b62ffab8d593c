import { createHmac, randomBytes } from 'node:crypto'
import {
  AGREEMENT_MESSAGE,
  CONSENT_REQUEST_MESSAGE,
  DELETION_RECEIPT_MESSAGE,
  MARK_APP_VENDOR,
  MARK_SCHOOL,
  PURPOSE_MESSAGE,
  type Purpose,
  purposeHash,
  signNodeMessage,
  VCT_GUARDIANSHIP,
} from '@samen/consent'
import { decodeJwt, decryptJwe, generateEncryptionKey, generateSigningKey, type SigningKey } from '@samen/jwt-profile'
import { issueSdJwtVc } from '@samen/sd-jwt-vc'
import { compressStatusList, newBits, type StatusBits, setStatus, signStatusListToken } from '@samen/status-list'
import type { JsonObject } from '@samen/strict-json'
import type { TestMember } from '@samen/test-kit'
import type { Reply, World } from './registry.ts'

export interface TestApp extends TestMember {
  /** decrypted receipts and notices, in the order in which they arrived */
  readonly receipts: JsonObject[]
  readonly events: JsonObject[]
  /** notices that arrived, also those that were not taken */
  readonly attempts: JsonObject[]
  /** what its endpoints answer */
  status: number
  /** sends a message to the registry; `bent` replaces parts of the envelope */
  send(path: string, typ: string, body: JsonObject, bent?: Bent): Promise<Reply>
}

export interface TestSchool extends TestMember {
  readonly statuses: StatusBits
  /** how long a list that it signs may be relied on */
  listSeconds: number
  send: TestApp['send']
}

export type Bent = { jti?: string; aud?: string; iss?: string; now?: Date; key?: SigningKey }

const both = (text: string) => ({ nl: text, en: `${text} (en)` })

/** An app that is a member and takes receipts and notices on the test's own server. */
export async function createApp(
  world: World,
  slug: string,
  marks: readonly string[] = [MARK_APP_VENDOR],
): Promise<TestApp> {
  const entityId = `${world.others.base}/apps/${slug}`
  const { kid, privateJwk, publicJwk } = generateEncryptionKey()
  const member = await world.federation.createMember({
    entityId,
    trustMarks: marks,
    metadata: () => ({
      federation_entity: { organization_name: `App ${slug}` },
      samen_app: {
        receipt_endpoint: `${entityId}/receipts`,
        event_endpoint: `${entityId}/events`,
        jwks: { keys: [publicJwk as unknown as JsonObject] },
      },
    }),
  })
  forgetMemberList(world)
  const app: TestApp = { ...member, receipts: [], events: [], attempts: [], status: 202, send: sender(world, member) }
  world.others.answers.set(`POST /apps/${slug}/receipts`, async ({ body }) => {
    if (app.status < 300) {
      const limits = { kid, enc: ['A256GCM'] as const, maxBytes: 65_536 }
      const { plaintext } = decryptJwe(body, privateJwk, limits)
      app.receipts.push(decodeJwt(plaintext, { maxBytes: 65_536 }).payload)
    }
    return answerOf(app)
  })
  world.others.answers.set(`POST /apps/${slug}/events`, ({ body }) => {
    const { payload } = decodeJwt(body, { maxBytes: 65_536 })
    app.attempts.push(payload)
    if (app.status < 300) app.events.push(payload)
    return answerOf(app)
  })
  return app
}

function answerOf({ status }: TestApp) {
  return { status, type: 'application/json', body: status === 409 ? '{"error":"already_received"}' : '{}' }
}

/** A school that is a member, with two status lists of its guardianship credentials, which say the same. */
export async function createSchool(world: World, slug: string): Promise<TestSchool> {
  const entityId = `${world.others.base}/schools/${slug}`
  const member = await world.federation.createMember({
    entityId,
    trustMarks: [MARK_SCHOOL],
    metadata: ({ publicJwk }) => ({
      federation_entity: { organization_name: `School ${slug}` },
      openid_credential_issuer: { credential_issuer: entityId, jwks: { keys: [publicJwk as unknown as JsonObject] } },
    }),
  })
  forgetMemberList(world)
  const school: TestSchool = {
    ...member,
    statuses: newBits(1_000, 1),
    listSeconds: 3_600,
    send: sender(world, member),
  }
  for (const list of ['1', '2']) {
    world.others.answers.set(`GET ${listPath(slug, list)}`, () => ({
      type: 'application/statuslist+jwt',
      body: signStatusListToken({
        key: member.protocolKey,
        uri: `${world.others.base}${listPath(slug, list)}`,
        bits: 1,
        compressed: compressStatusList(school.statuses),
        issuedAt: world.clock.now(),
        expiresAt: new Date(world.clock.now().getTime() + school.listSeconds * 1000),
        ttlSeconds: 1,
      }),
    }))
  }
  return school
}

function listPath(slug: string, list: string): string {
  return `/schools/${slug}/status-lists/${list}`
}

/** The registry asks the anchor for its members at most once in five seconds. */
function forgetMemberList(world: World): void {
  world.clock.advance(6)
}

function sender(world: World, member: TestMember): TestApp['send'] {
  return (path, typ, body, bent = {}) => {
    const jwt = signNodeMessage(bent.key ?? member.federationKey, {
      typ,
      iss: bent.iss ?? member.entityId,
      aud: bent.aud ?? world.url,
      now: bent.now ?? world.clock.now(),
      expiresAt: 'not-used',
      jti: bent.jti ?? randomBytes(16).toString('base64url'),
      body,
    })
    return world.call('POST', path, { jwt })
  }
}

export function purposeOf(world: World, more: Partial<Purpose> = {}): Purpose {
  return {
    id: randomBytes(16).toString('base64url'),
    version: 1,
    title: both('Rekenen op eigen niveau'),
    why: both('Om sommen te kiezen die passen.'),
    claims: [
      { fact: 'year_group', why: both('Om het niveau te kiezen.') },
      { fact: 'age_over_12', why: both('Om de uitleg te kiezen.') },
    ],
    legal_basis: 'consent',
    retention: 'P1Y',
    valid_until: dayAfter(world, 200),
    ...more,
  }
}

export function dayAfter(world: World, days: number): string {
  return new Date(world.clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10)
}

/** Sends a purpose as a message, also one that is to be refused. */
export function sendPurpose(sender: Pick<TestApp, 'send'>, purpose: object, bent?: Bent): Promise<Reply> {
  return sender.send('/v1/purposes', PURPOSE_MESSAGE.typ, { purpose: purpose as JsonObject }, bent)
}

export async function registerPurpose(world: World, app: TestApp, more: Partial<Purpose> = {}): Promise<Purpose> {
  const purpose = purposeOf(world, more)
  const reply = await sendPurpose(app, purpose)
  if (reply.status !== 201) throw new Error(`the purpose was answered with ${reply.status}: ${reply.text}`)
  return purpose
}

export function agreementOn(world: World, app: TestApp, purpose: Purpose, guardians: 'every' | 'one'): JsonObject {
  return {
    purpose_id: purpose.id,
    purpose_version: purpose.version,
    purpose_hash: purposeHash(purpose),
    app: app.entityId,
    guardians,
    processor_agreement: { model: 'Modelovereenkomst 4.0', reference: 'VO-2026-17', signed_at: '2026-08-20' },
    valid_until: dayAfter(world, 150),
  }
}

/** The usual beginning: a school and an app that agreed on a purpose. */
export async function agreeOnPurpose(world: World) {
  const school = await createSchool(world, 'west')
  const app = await createApp(world, 'rekenen')
  const purpose = await registerPurpose(world, app)
  await agree(world, school, app, purpose)
  return { school, app, purpose }
}

export async function agree(
  world: World,
  school: TestSchool,
  app: TestApp,
  purpose: Purpose,
  guardians: 'every' | 'one' = 'every',
): Promise<void> {
  const agreement = agreementOn(world, app, purpose, guardians)
  const reply = await school.send('/v1/agreements', AGREEMENT_MESSAGE.typ, { agreement })
  if (reply.status !== 201) throw new Error(`the agreement was answered with ${reply.status}: ${reply.text}`)
}

export function askConsent(world: World, school: TestSchool, app: TestApp, purpose: Purpose): Promise<Reply> {
  const expires_at = new Date(world.clock.now().getTime() + 14 * 86_400_000).toISOString()
  const request = { purpose_id: purpose.id, purpose_version: purpose.version, school: school.entityId, expires_at }
  return app.send('/v1/consent-requests', CONSENT_REQUEST_MESSAGE.typ, { request })
}

/** The handle of a new request about one child. */
export async function openRequest(world: World, school: TestSchool, app: TestApp, purpose: Purpose): Promise<string> {
  const reply = await askConsent(world, school, app, purpose)
  if (reply.status !== 201) throw new Error(`the request was answered with ${reply.status}: ${reply.text}`)
  return reply.body.handle
}

export function confirmDeletion(world: World, app: TestApp, handle: string, bent?: Bent): Promise<Reply> {
  const deletion = { handle, confirmed_at: world.clock.now().toISOString() }
  return app.send('/v1/deletion-receipts', DELETION_RECEIPT_MESSAGE.typ, { deletion }, bent)
}

export interface Guardianship {
  readonly child: string
  readonly guardian: string
  readonly apps: readonly TestApp[]
  readonly others?: number
  readonly authority?: string
  readonly idx?: number
  readonly list?: '1' | '2'
  readonly vct?: string
  /** the last day on which the guardian decides for the pupil */
  readonly decideUntil?: string
  /** after so many days the credential has run out */
  readonly days?: number
}

export interface Held {
  readonly credential: string
  readonly holderKey: SigningKey
}

/** What a pupil or guardian is called at one audience, in the tests' own way of making it up. */
export function pseudonymOf(person: string, audience: string): string {
  return createHmac('sha256', 'the key of this school').update(`${person}\0${audience}`).digest('base64url')
}

/** A guardianship credential, freshly issued to a key of its holder: two calls for one guardian give two unlinkable copies. */
export function holdGuardianship(world: World, school: TestSchool, of: Guardianship): Held {
  const {
    child,
    guardian,
    apps,
    others = 1,
    authority = others > 0 ? 'joint' : 'sole',
    idx = 1,
    list = '1',
    days = 100,
    decideUntil = dayAfter(world, 400),
    vct = VCT_GUARDIANSHIP,
  } = of
  const holderKey = generateSigningKey()
  const audiences = [world.url, ...apps.map(({ entityId }) => entityId)]
  const credential = issueSdJwtVc({
    key: school.protocolKey,
    issuer: school.entityId,
    vct,
    claims: {
      visible: { authority, verified_by: 'brp-extract', verified_at: '2026-08' },
      hidden: { relation: 'parent', co_holder_count: others, decide_until: decideUntil },
      hiddenMembers: {
        pseudonyms: Object.fromEntries(audiences.map((audience) => [audience, pseudonymOf(child, audience)])),
        holder_pseudonyms: { [world.url]: pseudonymOf(guardian, world.url) },
      },
    },
    holderKey: holderKey.publicJwk,
    status: { uri: `${school.entityId}/status-lists/${list}`, idx },
    expiresAt: new Date(world.clock.now().getTime() + days * 86_400_000),
    random: randomBytes,
    decoys: 2,
  })
  return { credential, holderKey }
}

export function revoke(school: TestSchool, idx: number): void {
  setStatus(school.statuses, idx, 1)
}
