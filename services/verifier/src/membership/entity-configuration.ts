import { signEntityConfiguration, type TrustAnchor } from '@samen/federation'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { AppTenant } from '../app-tenant/app-tenant.ts'

const LIFETIME_SECONDS = 86_400
const SIGNED_AGAIN_AFTER_MS = 3_600_000

/** Signed once and served from memory, until the app has changed or an hour has passed: no request makes us sign. */
export function createConfigurations(deps: { anchor: TrustAnchor; now: () => Date }): (app: AppTenant) => string {
  const signed = new WeakMap<AppTenant, { text: string; until: number }>()
  return (app) => {
    const now = deps.now()
    const kept = signed.get(app)
    if (kept !== undefined && kept.until > now.getTime()) return kept.text
    const text = signEntityConfiguration({
      key: app.keys.federation,
      entityId: app.entityId,
      authorityHints: [deps.anchor.entityId],
      metadata: entityMetadata(app),
      trustMarks: app.trustMarks,
      now,
      lifetimeSeconds: LIFETIME_SECONDS,
      federationJwks: [app.keys.federation.publicJwk],
    })
    signed.set(app, { text, until: now.getTime() + SIGNED_AGAIN_AFTER_MS })
    return text
  }
}

/** FED#metadata. Keys of the protocols only; the key that wallets encrypt to is fresh in every request and stands nowhere else. */
export function entityMetadata(app: AppTenant): Record<string, JsonObject> {
  return {
    federation_entity: { organization_name: app.name },
    openid_credential_verifier: { jwks: { keys: [app.keys.signing.publicJwk as unknown as JsonValue] } },
    samen_app: {
      receipt_endpoint: `${app.entityId}/receipts`,
      event_endpoint: `${app.entityId}/events`,
      jwks: { keys: [app.keys.encryption.publicJwk as unknown as JsonValue] },
    },
  }
}
