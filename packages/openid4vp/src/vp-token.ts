import { ProtocolError } from '@samen/errors'
import { type ParsedSdJwt, parseSdJwt } from '@samen/sd-jwt-vc'
import type { JsonObject } from '@samen/strict-json'
import type { CredentialQuery, DcqlQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'

/** One presentation of a VP token, taken apart but not yet believed. */
export type Presentation = { readonly query: CredentialQuery; readonly sdJwt: ParsedSdJwt }

/** A VP token read once, with the query that it answers, and the faults of what in it could not be read. Nothing in it is proven. */
export type ParsedVpToken = {
  readonly query: DcqlQuery
  readonly presentations: readonly Presentation[]
  readonly faults: readonly ProtocolError[]
}

/**
 * Takes a VP token apart. VP#response-parameters: an object with one presentation in an array for each query id that is answered;
 * strings and bare arrays of older drafts are refused, and so is an entry for an id that was not asked for. A presentation that cannot
 * be read, or has no key binding JWT (SDJ#section-4: whether there is one is our policy, never the wallet's), is a fault of its own
 * question alone. Throws ProtocolError 400.
 */
export function parseVpToken(vpToken: JsonObject, query: DcqlQuery): ParsedVpToken {
  const queries = new Map(query.credentials.map((credential) => [credential.id, credential]))
  const presentations: Presentation[] = []
  const faults: ProtocolError[] = []
  for (const [id, entry] of Object.entries(vpToken)) {
    const asked = queries.get(id)
    if (asked === undefined) throw refusal('vp_token_unasked')
    const [text, ...more] = Array.isArray(entry) ? entry : []
    if (typeof text !== 'string' || more.length > 0) throw refusal('vp_token_malformed')
    const sdJwt = parsePresentation(text)
    if (sdJwt instanceof ProtocolError) faults.push(sdJwt)
    else presentations.push({ query: asked, sdJwt })
  }
  if (presentations.length + faults.length === 0) throw refusal('vp_token_malformed')
  return { query, presentations, faults }
}

function parsePresentation(text: string): ParsedSdJwt | ProtocolError {
  try {
    const sdJwt = parseSdJwt(text)
    return sdJwt.keyBindingJwt === undefined ? refusal('holder_binding_invalid') : sdJwt
  } catch (cause) {
    return refusal('presentation_malformed', cause)
  }
}
