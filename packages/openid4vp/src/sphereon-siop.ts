import type { JsonObject } from '@samen/strict-json'
import { createRequestObjectPayload, PassBy, SupportedVersion } from '@sphereon/did-auth-siop'

/**
 * The only importer of did-auth-siop. It lays out the authorization request and takes no decision: the caller states every
 * value, keeps the members it knows, compares them with what it asked for, and signs. No RP object, session manager, event
 * emitter, callback or verification of that library is used; docs/adr/0002-sphereon-behind-our-checks.md says why.
 * Returns the payload as the library makes it, with members that no wallet should see (`registration`, `jti`).
 */
export async function layOutAuthorizationRequest(payload: JsonObject): Promise<JsonObject> {
  const laidOut = await createRequestObjectPayload({
    version: SupportedVersion.OID4VP_v1,
    clientMetadata: { passBy: PassBy.VALUE },
    requestObject: { passBy: PassBy.REFERENCE, reference_uri: payload['response_uri'], payload },
    // The library's types describe drafts (a DCQL query must be its own class, jwks has no encryption keys).
  } as unknown as Parameters<typeof createRequestObjectPayload>[0])
  return (laidOut ?? {}) as JsonObject
}
