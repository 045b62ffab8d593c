import { MARK_CONSENT_REGISTRY, type MessageType, ownEndpoint, signNodeMessage } from '@samen/consent'
import type { PostReply } from '@samen/http-kit'
import type { JsonObject } from '@samen/strict-json'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'

export type RegistryEndpoint = 'purpose_endpoint' | 'consent_request_endpoint' | 'deletion_receipt_endpoint'

/**
 * Signs a message with the app's federation key and posts it to its registry. The address comes from the registry's own statement, lies
 * with the registry itself, and counts only while it is a member with its mark. The time is that of this attempt, `jti` that of the message.
 * Throws TrustError or FetchError; returns the answer whatever its status.
 */
export async function postToRegistry(
  deps: Deps,
  app: AppTenant,
  endpoint: RegistryEndpoint,
  message: { type: MessageType; jti: string; body: JsonObject },
): Promise<PostReply> {
  const policy = { entityType: 'samen_consent_registry', trustMark: MARK_CONSENT_REGISTRY }
  const registry = await deps.resolver.resolve(app.registry, policy)
  const url = ownEndpoint(registry.entityId, registry.metadata['samen_consent_registry']?.[endpoint])
  const { typ } = message.type
  const token = signNodeMessage(app.keys.federation, {
    typ,
    iss: app.entityId,
    aud: registry.entityId,
    now: deps.now(),
    expiresAt: 'not-used',
    jti: message.jti,
    body: message.body,
  })
  return deps.fetcher.post(url, { contentType: 'application/jwt', body: token })
}
