// A party that the federation took in honestly, and that then says of itself what it likes.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { signNodeMessage } from '@samen/consent'
import { createMembership, parseTrustAnchor, signEntityConfiguration, type TrustAnchor } from '@samen/federation'
import { decodeJwt, encryptJwe, generateSigningKey, type PublicJwk, type SigningKey } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { trustAnchorFile } from '../../scripts/network/services.ts'
import { privateUrl, type ServiceName } from '../../scripts/network/settings.ts'
import type { Story } from '../../scripts/story/story.ts'
import { type Answer, post } from '../raw-wallet.ts'
import type { Trap } from './trap.ts'

export interface Reply {
  readonly status?: number
  readonly type?: string
  readonly location?: string
  readonly body?: string
}

/** A server of the attacker's own. */
export interface HostileServer {
  readonly url: string
  /** what it answers, by `METHOD /path`; the body of a POST comes as text */
  readonly answers: Map<string, (body: string) => Reply>
  /** every request that came, as `METHOD /path` */
  readonly visits: string[]
}

export interface HostileMember {
  readonly entityId: string
  /** certified by the federation, like that of every member */
  readonly protocolKey: SigningKey
  /** A message as members sign them. */
  sign(message: { typ: string; aud: string; body: JsonObject }): string
}

export async function startHostileServer(t: { teardown(work: () => void): unknown }): Promise<HostileServer> {
  const answers: HostileServer['answers'] = new Map()
  const visits: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const name = `${request.method} ${request.url?.split('?')[0]}`
    visits.push(name)
    const reply = answers.get(name)?.(Buffer.concat(chunks).toString()) ?? { status: 404 }
    const { status = 200, type = 'application/json', location, body = '{}' } = reply
    response.writeHead(status, { 'content-type': type, ...(location && { location }) }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers, visits }
}

/**
 * Makes an entity at `path` of the attacker's server a member: its operator asks for it, the anchor admits and certifies it. `metadata`
 * is what it says about its roles. Every other URL that a configuration may hold leads into the trap, and nobody has a use for it.
 */
export async function joinAsMember(
  { story, server, trap }: { story: Story; server: HostileServer; trap: Trap },
  path: string,
  role: { mark: string; metadata: (entityId: string, protocolKey: SigningKey) => Record<string, JsonObject> },
): Promise<HostileMember> {
  const entityId = `${server.url}${path}`
  const federationKey = generateSigningKey()
  const bareKey = generateSigningKey()
  const anchor = parseTrustAnchor(readFileSync(trustAnchorFile(story.settings), 'utf8'))
  let trustMarks: readonly string[] = []
  server.answers.set(`GET ${path}/.well-known/openid-federation`, () => ({
    type: 'application/entity-statement+jwt',
    body: configurationOf({ entityId, federationKey, anchor, trustMarks }, role.metadata(entityId, bareKey), trap),
  }))
  const admitted = await admit(story, entityId, role.mark)
  if (admitted.status !== 200) throw new Error(`the anchor answered ${admitted.status} ${admitted.body.type}`)
  const membership = await createMembership({ anchor, entityId, fetchText, now: () => new Date() }).load()
  trustMarks = membership.trustMarks
  const x5c = membership.certificates.get(bareKey.kid)
  const sign: HostileMember['sign'] = (message) => signAs({ entityId, key: federationKey }, message)
  return { entityId, protocolKey: { ...bareKey, ...(x5c && { x5c }) }, sign }
}

/** A message in the name of somebody, who need not be anybody. */
export function signAs(
  { entityId, key }: { entityId: string; key: SigningKey },
  message: { typ: string; aud: string; body: JsonObject },
): string {
  const jti = randomBytes(16).toString('base64url')
  return signNodeMessage(key, { ...message, iss: entityId, now: new Date(), expiresAt: 'not-used', jti })
}

/** Sends a message as nodes do. */
export function sendMessage(url: string, message: string, type = 'application/jwt'): Promise<Answer> {
  return post(url, { 'content-type': type }, message)
}

/** Sends a message to an app encrypted, as receipts are. */
export async function postEncrypted(app: string, message: string): Promise<Answer> {
  const text = await fetchText(`${app}/.well-known/openid-federation`)
  const { metadata } = decodeJwt(text, { maxBytes: 65_536 }).payload as unknown as AppStatement
  const [key] = metadata.samen_app.jwks.keys
  if (key === undefined) throw new Error('the app names no key')
  return sendMessage(`${app}/receipts`, await encryptJwe(message, key, {}, 'A256GCM'), 'application/jose')
}

type AppStatement = { metadata: { samen_app: { jwks: { keys: PublicJwk[] } } } }

function configurationOf(
  own: { entityId: string; federationKey: SigningKey; anchor: TrustAnchor; trustMarks: readonly string[] },
  metadata: Record<string, JsonObject>,
  { url }: Trap,
): string {
  const baited = Object.entries(metadata).map(([role, said]) => [
    role,
    { jwks_uri: url, signed_jwks_uri: url, ...said },
  ])
  return signEntityConfiguration({
    key: own.federationKey,
    entityId: own.entityId,
    authorityHints: [own.anchor.entityId, url],
    metadata: { ...Object.fromEntries(baited), federation_entity: { logo_uri: url, policy_uri: url } },
    trustMarks: own.trustMarks,
    now: new Date(),
    lifetimeSeconds: 3_600,
    federationJwks: [own.federationKey.publicJwk],
  })
}

async function fetchText(url: string): Promise<string> {
  const reply = await fetch(url)
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`)
  return reply.text()
}

/** The operator of the federation is asked to admit whoever is there. */
export function admit(story: Story, entity_id: string, mark: string): Promise<Answer> {
  return operate(story, 'trust-anchor', `${privateUrl(story.settings)}/v1/entities`, { entity_id, trust_marks: [mark] })
}

/** The operator of a node, with a wish of somebody else in hand. */
export function operate(story: Story, service: ServiceName, url: string, json: object): Promise<Answer> {
  const key = readFileSync(join(story.settings.dataDirectory, service, 'operator-key'), 'utf8').trim()
  return post(url, { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, JSON.stringify(json))
}
