import { decodeJwt } from '@samen/jwt-profile'
import { parseSdJwt, SD_JWT_LIMITS } from '@samen/sd-jwt-vc'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { CredentialQuery, DcqlQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'

/** One presentation of a VP token, taken apart but not yet believed. */
export type Presentation = {
  readonly query: CredentialQuery
  readonly text: string
  /** the issuer-signed JWT: the same for two presentations of one credential */
  readonly issuerJwt: string
  readonly disclosures: readonly string[]
  readonly keyBindingJwt: string
}

const MAX_PRESENTATIONS = 16

/**
 * VP#response-parameters: an object of non-empty arrays by query id; strings and bare arrays of older drafts are refused, and
 * so is an entry for an id that was not asked for. Throws ProtocolError 400.
 */
export function readVpToken(vpToken: JsonObject, dcqlQuery: DcqlQuery): Presentation[] {
  const queries = new Map(dcqlQuery.credentials.map((query) => [query.id, query]))
  const presentations = Object.entries(vpToken).flatMap(([id, entry]) => {
    const query = queries.get(id)
    if (query === undefined) throw refusal('vp_token_unasked')
    return readEntry(entry, query).map((text) => splitPresentation(text, query))
  })
  if (presentations.length === 0 || presentations.length > MAX_PRESENTATIONS) throw refusal('vp_token_malformed')
  return presentations
}

/**
 * A stale nonce in any presentation rejects the whole response (VP#verifiable-presentations-considerations), before any
 * signature is looked at. Only the signature, checked later, makes the nonce mean something.
 */
export function assertNonce(presentation: Presentation, nonce: string): void {
  if (decodePart(presentation.keyBindingJwt).payload['nonce'] !== nonce) throw refusal('nonce_mismatch')
}

/** Header and payload of a JWT that has not been verified. Throws ProtocolError 400 when it is none. */
export function decodePart(jwt: string): { header: JsonObject; payload: JsonObject } {
  return attempt(() => decodeJwt(jwt, SD_JWT_LIMITS))
}

function readEntry(entry: JsonValue, query: CredentialQuery): string[] {
  if (!Array.isArray(entry) || entry.length === 0) throw refusal('vp_token_malformed')
  if (entry.length > 1 && query.multiple !== true) throw refusal('vp_token_malformed')
  return entry.map((text) => {
    if (typeof text !== 'string') throw refusal('vp_token_malformed')
    return text
  })
}

/** SDJ#section-4: an SD-JWT with key binding ends in a JWT. Whether there is one is our policy, never the wallet's. */
function splitPresentation(text: string, query: CredentialQuery): Presentation {
  const { issuerJwt, disclosures, keyBindingJwt } = attempt(() => parseSdJwt(text, SD_JWT_LIMITS))
  if (keyBindingJwt === undefined) throw refusal('holder_binding_invalid')
  return { query, text, issuerJwt, disclosures, keyBindingJwt }
}

function attempt<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw refusal('presentation_malformed', cause)
  }
}
