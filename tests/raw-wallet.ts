import { randomBytes, sign } from 'node:crypto'
import { generateSigningKey, type SigningKey } from '@samen/jwt-profile'
import { createDpopProof, type DpopProofRequest } from '@samen/oauth'
import { GUARDIANS, SCHOOL } from '../scripts/story/cast.ts'
import { tenant } from '../scripts/story/memory.ts'
import { makeOffer as offerFor } from '../scripts/story/steps/hand-out-credentials.ts'
import type { Story } from '../scripts/story/story.ts'
import { heard } from './search-network.ts'

/** An offer as an attacker may know it: everything that a wallet would read from the link. */
export interface RawOffer {
  readonly issuer: string
  readonly code: string
  readonly txCode: string
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

/** The school of the story makes an offer for one child of the first guardian. */
export async function makeOffer(story: Story, subject: string): Promise<RawOffer> {
  const { entityId } = tenant(story, SCHOOL.slug)
  const body = await offerFor(story, GUARDIANS[0], subject)
  const reference = new URL(body.offer_uri).searchParams.get('credential_offer_uri') ?? ''
  const offer = (await (await fetch(reference)).json()) as { grants: Record<string, Record<string, string>> }
  const grant = offer.grants['urn:ietf:params:oauth:grant-type:pre-authorized_code']
  return { issuer: entityId, code: grant?.['pre-authorized_code'] ?? '', txCode: body.tx_code }
}

/** Asks for a token; `changes` replaces parts of the honest DPoP proof. */
export function postToken(
  { issuer, code, txCode }: RawOffer,
  { key, dpop, changes }: { key: SigningKey; dpop?: string; changes?: Partial<DpopProofRequest> },
): Promise<Answer> {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
    'pre-authorized_code': code,
    tx_code: txCode,
  }
  const proof = dpop ?? dpopFor(key, { htm: 'POST', htu: `${issuer}/token`, accessToken: 'not-used', ...changes })
  return post(`${issuer}/token`, { dpop: proof }, new URLSearchParams(form))
}

/** Redeems an offer honestly, for attacks that begin after that. */
export async function redeem(offer: RawOffer): Promise<{ key: SigningKey; token: string; issuer: string }> {
  const key = generateSigningKey()
  const { status, body } = await postToken(offer, { key })
  if (status !== 200) throw new Error(`the honest redemption failed: ${status} ${JSON.stringify(body)}`)
  return { key, token: body.access_token, issuer: offer.issuer }
}

export async function fetchNonce(issuer: string): Promise<string> {
  const reply = await fetch(`${issuer}/nonce`, { method: 'POST' })
  return ((await reply.json()) as { c_nonce: string }).c_nonce
}

/** A key proof (VCI#jwt-proof-type); `header` and `payload` replace parts of an honest one. */
export function keyProof(
  key: SigningKey,
  honest: { issuer: string; nonce: string },
  changes: { header?: Record<string, unknown>; payload?: Record<string, unknown> } = {},
): string {
  const { kty, crv, x, y } = key.publicJwk
  const header = { typ: 'openid4vci-proof+jwt', jwk: { kty, crv, x, y }, ...changes.header }
  const iat = Math.floor(Date.now() / 1000)
  return signCompact(key, header, { aud: honest.issuer, iat, nonce: honest.nonce, ...changes.payload })
}

/** By hand, since an attacker's header is not what `signJwt` would write: no key id, for one. */
function signCompact(key: SigningKey, header: object, payload: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: 'ES256', ...header })}.${encode(payload)}`
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

/** Asks for credentials; `body` is sent as it is. */
export function postCredential(
  access: { key: SigningKey; token: string; issuer: string },
  body: object,
  changes: Partial<DpopProofRequest> & { dpop?: string } = {},
): Promise<Answer> {
  const url = `${access.issuer}/credential`
  const dpop = changes.dpop ?? dpopFor(access.key, { htm: 'POST', htu: url, accessToken: access.token, ...changes })
  const headers = { authorization: `DPoP ${access.token}`, dpop, 'content-type': 'application/json' }
  return post(url, headers, JSON.stringify(body))
}

export function dpopFor(
  key: SigningKey,
  request: Omit<DpopProofRequest, 'jti' | 'now'> & Partial<DpopProofRequest>,
): string {
  return createDpopProof(key, { jti: randomBytes(16).toString('base64url'), now: new Date(), ...request })
}

/** Posts and reads the answer, whatever it is. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string | URLSearchParams,
): Promise<Answer> {
  const reply = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' })
  const text = await reply.text()
  if (reply.status >= 400) heard.push(text)
  try {
    return { status: reply.status, body: JSON.parse(text) }
  } catch {
    return { status: reply.status, body: text }
  }
}

/** `{status: how often}`, for attacks that come in numbers. */
export function countByStatus(answers: readonly Answer[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  )
}
