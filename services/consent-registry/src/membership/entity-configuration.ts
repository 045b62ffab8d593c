import { signEntityConfiguration } from '@samen/federation'
import type { PublicJwk } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'

const LIFETIME_SECONDS = 86_400
const SIGNED_AGAIN_AFTER_MS = 3_600_000

type Known = Pick<Deps, 'publicUrl' | 'keys' | 'anchor' | 'membership' | 'now'>

/**
 * The configuration from memory: signed again after an hour, and at once when other marks are held. A stranger who asks does not make us
 * sign.
 */
export function createConfiguration(deps: Known): () => string {
  let held: { readonly text: string; readonly marks: readonly string[] | undefined; readonly at: number } | undefined
  return () => {
    const marks = deps.membership.current()?.trustMarks
    const at = deps.now().getTime()
    if (held === undefined || held.marks !== marks || at - held.at >= SIGNED_AGAIN_AFTER_MS)
      held = { text: entityConfiguration(deps), marks, at }
    return held.text
  }
}

/** FED#ec-specific. What this registry says of itself, with the marks it holds at this moment. Signed for a day. */
export function entityConfiguration(deps: Known): string {
  const { keys, publicUrl, anchor, membership, now } = deps
  return signEntityConfiguration({
    key: keys.federation,
    entityId: publicUrl,
    authorityHints: [anchor.entityId],
    metadata: entityMetadata(deps),
    trustMarks: membership.current()?.trustMarks ?? [],
    now: now(),
    lifetimeSeconds: LIFETIME_SECONDS,
    federationJwks: [keys.federation.publicJwk],
  })
}

/** Roles, endpoints and protocol keys. The federation key is not among them: it signs statements and messages only. */
function entityMetadata({ publicUrl, keys }: Known): Record<string, JsonObject> {
  return {
    federation_entity: { organization_name: new URL(publicUrl).host },
    openid_credential_verifier: {
      jwks: { keys: [publicMembers(keys.request.publicJwk), publicMembers(keys.list.publicJwk)] },
    },
    samen_consent_registry: {
      purpose_endpoint: `${publicUrl}/v1/purposes`,
      agreement_endpoint: `${publicUrl}/v1/agreements`,
      consent_request_endpoint: `${publicUrl}/v1/consent-requests`,
      deletion_receipt_endpoint: `${publicUrl}/v1/deletion-receipts`,
      log_checkpoint_uri: `${publicUrl}/log/checkpoint`,
      log_verifier_key: keys.log.verifierKey,
    },
  }
}

function publicMembers({ kty, crv, x, y, kid }: PublicJwk): JsonObject {
  return { kty, crv, x, y, ...(kid === undefined ? {} : { kid }), use: 'sig', alg: 'ES256' }
}
