import { type ParsedSdJwt, parseSdJwt } from '@samen/sd-jwt-vc'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { CredentialQuery, DcqlQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'

/** One presentation of a VP token, taken apart but not yet believed. */
export type Presentation = { readonly query: CredentialQuery; readonly sdJwt: ParsedSdJwt }

/** A VP token read once, with the query that it answers. Nothing in it is proven. */
export type ParsedVpToken = { readonly query: DcqlQuery; readonly presentations: readonly Presentation[] }

/**
 * Takes a VP token apart. VP#response-parameters: an object with one presentation in an array for each query id that is answered;
 * strings and bare arrays of older drafts are refused, and so is an entry for an id that was not asked for. SDJ#section-4: each must
 * end in a key binding JWT; whether there is one is our policy, never the wallet's. Throws ProtocolError 400.
 */
export function parseVpToken(vpToken: JsonObject, query: DcqlQuery): ParsedVpToken {
  const queries = new Map(query.credentials.map((credential) => [credential.id, credential]))
  const presentations = Object.entries(vpToken).map(([id, entry]) => {
    const asked = queries.get(id)
    if (asked === undefined) throw refusal('vp_token_unasked')
    return { query: asked, sdJwt: parsePresentation(entry) }
  })
  if (presentations.length === 0) throw refusal('vp_token_malformed')
  return { query, presentations }
}

function parsePresentation(entry: JsonValue): ParsedSdJwt {
  const [text, ...more] = Array.isArray(entry) ? entry : []
  if (typeof text !== 'string' || more.length > 0) throw refusal('vp_token_malformed')
  const sdJwt = parse(text)
  if (sdJwt.keyBindingJwt === undefined) throw refusal('holder_binding_invalid')
  return sdJwt
}

function parse(text: string): ParsedSdJwt {
  try {
    return parseSdJwt(text)
  } catch (cause) {
    throw refusal('presentation_malformed', cause)
  }
}
