// A federation made by hand, claim by claim, so that each test can break exactly one thing.
import { generateSigningKey, type SigningKey, signJwt } from '@samen/jwt-profile'
import type { TrustAnchor } from '../src/federation.ts'

export const NOW = new Date('2026-11-24T10:00:00Z')
export const EPOCH = NOW.getTime() / 1000
export const ANCHOR = 'https://anchor.example'
export const SCHOOL = 'https://issuer.example/schools/de-wilg'

export type Entity = { readonly id: string; readonly key: SigningKey }
export type Claims = Record<string, unknown>

export const entity = (id: string): Entity => ({ id, key: generateSigningKey() })

export const keySet = (...keys: readonly SigningKey[]) => ({ keys: keys.map((key) => key.publicJwk) })

export const anchorOf = ({ id, key }: Entity): TrustAnchor => ({
  entityId: id,
  jwks: [key.publicJwk],
  caPem: 'not used',
})

/** Claims of a sound configuration of the anchor. */
export function anchorClaims({ id, key }: Entity): Claims {
  const metadata = {
    federation_entity: {
      federation_fetch_endpoint: `${id}/fetch`,
      federation_list_endpoint: `${id}/list`,
      federation_trust_mark_endpoint: `${id}/trust-mark`,
    },
  }
  return { iss: id, sub: id, iat: EPOCH - 60, exp: EPOCH + 86_400, jwks: keySet(key), metadata }
}

/** Claims of a sound configuration below `superior`. */
export function configurationClaims({ id, key }: Entity, superior = ANCHOR): Claims {
  return {
    iss: id,
    sub: id,
    iat: EPOCH - 60,
    exp: EPOCH + 3600,
    jwks: keySet(key),
    authority_hints: [superior],
    metadata: {
      openid_credential_issuer: { credential_issuer: id },
      federation_entity: { organization_name: 'De Wilg' },
    },
  }
}

/** Claims of a sound statement of `superior` about `subject`. */
export function statementClaims(superior: Entity, subject: Entity): Claims {
  return { iss: superior.id, sub: subject.id, iat: EPOCH - 60, exp: EPOCH + 3600, jwks: keySet(subject.key) }
}

/** Claims of a sound mark of `issuer` for `subject`. */
export function markClaims(issuer: string, subject: string, type = 'urn:samen:trust-mark:school'): Claims {
  return { iss: issuer, sub: subject, trust_mark_type: type, iat: EPOCH - 60, exp: EPOCH + 3600 }
}

export function signStatement(key: SigningKey, claims: Claims, header: Claims = {}): string {
  return signJwt(key, { typ: 'entity-statement+jwt', ...header }, claims)
}

export function signMark(key: SigningKey, claims: Claims, header: Claims = {}): string {
  return signJwt(key, { typ: 'trust-mark+jwt', ...header }, claims)
}

/** The claims without some of them. */
export function without(claims: Claims, ...names: readonly string[]): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))
}
