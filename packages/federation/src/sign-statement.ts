import { decodeJwt, type PublicJwk, type SigningKey, signJwt } from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'
import { TrustError } from './trust-error.ts'

/**
 * FED#ec-specific. The signed configuration of `entityId`. `federationJwks` are its federation keys (public members only go
 * out), `authorityHints` its superiors (empty only for the top anchor), `trustMarks` the mark tokens it was given,
 * `trustMarkIssuers` who may issue which mark (anchor only, else `'not-used'`).
 * Throws TrustError `invalid_trust_mark` when a mark is no signed token.
 */
export function signEntityConfiguration(input: {
  key: SigningKey
  entityId: string
  authorityHints: readonly string[]
  metadata: Readonly<Record<string, JsonObject>>
  trustMarks: readonly string[]
  trustMarkIssuers?: Readonly<Record<string, readonly string[]>>
  now: Date
  lifetimeSeconds: number
  federationJwks: readonly PublicJwk[]
}): string {
  return signJwt(
    input.key,
    { typ: 'entity-statement+jwt' },
    {
      ...times(input),
      iss: input.entityId,
      sub: input.entityId,
      jwks: { keys: input.federationJwks.map(publicMembers) },
      ...(input.authorityHints.length === 0 ? {} : { authority_hints: input.authorityHints }),
      metadata: input.metadata,
      ...(input.trustMarks.length === 0 ? {} : { trust_marks: input.trustMarks.map(wrapMark) }),
      ...(input.trustMarkIssuers === undefined ? {} : { trust_mark_issuers: input.trustMarkIssuers }),
    },
  )
}

/** FED#ss-specific. What `issuer` vouches for: these federation keys belong to `subject`, for `lifetimeSeconds` from `now`. */
export function signSubordinateStatement(input: {
  key: SigningKey
  issuer: string
  subject: string
  subjectJwks: readonly PublicJwk[]
  now: Date
  lifetimeSeconds: number
}): string {
  return signJwt(
    input.key,
    { typ: 'entity-statement+jwt' },
    { ...times(input), iss: input.issuer, sub: input.subject, jwks: { keys: input.subjectJwks.map(publicMembers) } },
  )
}

/** FED#trust_mark_claims. A mark of `type` for `subject`, valid for `lifetimeSeconds` from `now`. */
export function signTrustMark(input: {
  key: SigningKey
  issuer: string
  subject: string
  type: string
  now: Date
  lifetimeSeconds: number
}): string {
  return signJwt(
    input.key,
    { typ: 'trust-mark+jwt' },
    { ...times(input), iss: input.issuer, sub: input.subject, trust_mark_type: input.type },
  )
}

function times({ now, lifetimeSeconds }: { now: Date; lifetimeSeconds: number }): { iat: number; exp: number } {
  const iat = Math.floor(now.getTime() / 1000)
  return { iat, exp: iat + lifetimeSeconds }
}

function publicMembers({ kty, crv, x, y, kid, alg, use }: PublicJwk): Record<string, string> {
  const optional = {
    ...(kid === undefined ? {} : { kid }),
    ...(alg === undefined ? {} : { alg }),
    ...(use === undefined ? {} : { use }),
  }
  return { kty, crv, x, y, ...optional }
}

function wrapMark(token: string): { trust_mark_type: string; trust_mark: string } {
  const type = decodeJwt(token, { maxBytes: 16_384 }).payload['trust_mark_type']
  if (typeof type !== 'string') throw new TrustError('invalid_trust_mark', 'a trust mark names no type')
  return { trust_mark_type: type, trust_mark: token }
}
