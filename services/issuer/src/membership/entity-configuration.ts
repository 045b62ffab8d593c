import { signEntityConfiguration } from '@samen/federation'
import type { JsonObject } from '@samen/strict-json'
import type { Deps } from '../deps.ts'
import { authorizationServerMetadata, issuerMetadata } from '../metadata/issuer-metadata.ts'
import type { School } from '../school/school.ts'

const LIFETIME_SECONDS = 86_400
const SIGNED_AGAIN_AFTER_MS = 3_600_000

/**
 * The signed entity configurations of this process's schools, from memory: FED#ec-specific. One is signed again every
 * hour, and at once when the school has been granted something new.
 */
export function createEntityConfigurations(deps: Deps): { of(school: School): string } {
  const signed = new Map<string, { school: School; token: string; at: number }>()
  return {
    of(school) {
      const now = deps.now()
      const held = signed.get(school.slug)
      if (held !== undefined && isSame(held.school, school) && now.getTime() - held.at < SIGNED_AGAIN_AFTER_MS)
        return held.token
      const token = sign(deps, school, now)
      signed.set(school.slug, { school, token, at: now.getTime() })
      return token
    },
  }
}

/** The store opens a school anew every half minute; only other contents are worth another signature. */
function isSame(one: School, other: School): boolean {
  return (
    one.federationKey.kid === other.federationKey.kid &&
    one.credentialKey.kid === other.credentialKey.kid &&
    one.name === other.name &&
    JSON.stringify(one.trustMarks) === JSON.stringify(other.trustMarks)
  )
}

function sign(deps: Deps, school: School, now: Date): string {
  return signEntityConfiguration({
    key: school.federationKey,
    entityId: school.entityId,
    authorityHints: [deps.anchor.entityId],
    metadata: {
      federation_entity: { organization_name: school.name },
      openid_credential_issuer: {
        ...(issuerMetadata(school) as unknown as JsonObject),
        jwks: { keys: [{ ...school.credentialKey.publicJwk }] },
      },
      oauth_authorization_server: authorizationServerMetadata(school),
    },
    trustMarks: school.trustMarks,
    now,
    lifetimeSeconds: LIFETIME_SECONDS,
    federationJwks: [school.federationKey.publicJwk],
  })
}
