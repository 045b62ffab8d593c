// The one thing a node is told by hand: whom to trust. Everything else about the federation follows from signatures.
import type { PublicJwk } from '@samen/jwt-profile'
import { defineShape, type JsonValue, parseJson } from '@samen/strict-json'
import { Type } from 'typebox'
import { assertEntityId } from './entity-id.ts'
import { readKeySet } from './key-set.ts'
import { TrustError } from './trust-error.ts'

/** `entityId` of the anchor, its federation keys (public P-256) and the certificate of its CA as PEM text. */
export type TrustAnchor = { readonly entityId: string; readonly jwks: readonly PublicJwk[]; readonly caPem: string }

const AnchorFile = defineShape(
  Type.Object({
    entity_id: Type.String({ minLength: 1, maxLength: 512 }),
    jwks: Type.Unknown(),
    ca: Type.String({ minLength: 1, maxLength: 16_384 }),
  }),
)

/**
 * FED#TrustAnchorKeys. Takes the text of a trust anchor file (`{entity_id, jwks: {keys}, ca}`) that came out of band.
 * Throws TrustError `invalid_anchor` when it is anything else.
 */
export function parseTrustAnchor(text: string): TrustAnchor {
  try {
    const file = AnchorFile.read(parseJson(text, { maxBytes: 65_536 }), () => anchorRefused())
    assertEntityId(file.entity_id)
    return { entityId: file.entity_id, jwks: readKeySet(file.jwks as JsonValue), caPem: file.ca }
  } catch (cause) {
    throw new TrustError('invalid_anchor', 'the trust anchor file is not {entity_id, jwks, ca}', { cause })
  }
}

/** The text of the file that `parseTrustAnchor` reads. */
export function formatTrustAnchor(anchor: TrustAnchor): string {
  return `${JSON.stringify({ entity_id: anchor.entityId, jwks: { keys: anchor.jwks }, ca: anchor.caPem }, null, 2)}\n`
}

function anchorRefused(): TrustError {
  return new TrustError('invalid_anchor', 'the trust anchor file is not {entity_id, jwks, ca}')
}
