import { decodeJwt } from '@samen/jwt-profile'
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

const MAX_PRESENTATION_BYTES = 131_072
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
  try {
    return decodeJwt(jwt, { maxBytes: MAX_PRESENTATION_BYTES }) as { header: JsonObject; payload: JsonObject }
  } catch (cause) {
    throw refusal('presentation_malformed', cause)
  }
}

function readEntry(entry: JsonValue, query: CredentialQuery): string[] {
  if (!Array.isArray(entry) || entry.length === 0) throw refusal('vp_token_malformed')
  if (entry.length > 1 && query.multiple !== true) throw refusal('vp_token_malformed')
  return entry.map((text) => {
    if (typeof text !== 'string' || text.length > MAX_PRESENTATION_BYTES) throw refusal('vp_token_malformed')
    return text
  })
}

/** SDJ#section-4: an SD-JWT with key binding ends in a JWT. One that ends in a tilde has no holder, SDJ#section-7.3. */
function splitPresentation(text: string, query: CredentialQuery): Presentation {
  const parts = text.split('~')
  const [issuerJwt, keyBindingJwt] = [parts[0], parts.at(-1)]
  if (parts.length < 2 || !issuerJwt || !keyBindingJwt) throw refusal('presentation_malformed')
  return { query, text, issuerJwt, disclosures: parts.slice(1, -1), keyBindingJwt }
}
