import { isEntityId, TrustError } from '@samen/federation'

/**
 * An address that a member names for itself: below its own identifier, so that no member can send us, or a family, to somebody else.
 * In one spelling: dots in a path would lead to a neighbour on the same host. Throws TrustError `wrong_entity_type` for any other value.
 */
export function ownEndpoint(entityId: string, value: unknown): string {
  // A URL in the one spelling of an entity id, but for the slash that an address may end with.
  const isOwn = typeof value === 'string' && isEntityId(value.replace(/\/$/, '')) && value.startsWith(`${entityId}/`)
  if (!isOwn) throw new TrustError('wrong_entity_type', 'the member names no such address of its own')
  return value
}
