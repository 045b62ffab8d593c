// Entity configurations and subordinate statements, read strictly: what we do not act on is refused, never overlooked.
import { CLOCK_SKEW_SECONDS, decodeJwt, type PublicJwk, thumbprint, verifyJwt } from '@samen/jwt-profile'
import { defineShape, type JsonObject } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { isEntityId } from './entity-id.ts'
import { assertMetadata } from './entity-metadata.ts'
import { readKeySet } from './key-set.ts'
import { TrustError } from './trust-error.ts'

/** A verified statement. Times are exact to the second; `jwks` are the subject's federation keys. */
export type EntityStatement = {
  readonly issuer: string
  readonly subject: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly jwks: readonly PublicJwk[]
}

export type EntityConfiguration = EntityStatement & {
  readonly authorityHints: readonly string[]
  readonly metadata: Readonly<Record<string, JsonObject>>
  readonly trustMarks: readonly { readonly type: string; readonly token: string }[]
}

export const LARGEST_STATEMENT = 131_072
const MOST_HINTS = 8

const EntityIds = Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: MOST_HINTS })
const StatementClaims = defineShape(
  Type.Object({
    iss: Type.String({ minLength: 1, maxLength: 512 }),
    sub: Type.String({ minLength: 1, maxLength: 512 }),
    iat: Type.Integer({ minimum: 0 }),
    exp: Type.Integer({ minimum: 0 }),
    jwks: Type.Unknown(),
    authority_hints: Type.Optional(EntityIds),
    trust_anchor_hints: Type.Optional(EntityIds),
    trust_marks: Type.Optional(
      Type.Array(
        Type.Object({
          trust_mark_type: Type.String({ minLength: 1, maxLength: 255 }),
          trust_mark: Type.String({ minLength: 1, maxLength: 16_384 }),
        }),
        { maxItems: 16 },
      ),
    ),
  }),
)
type StatementClaims = Static<typeof StatementClaims.schema>

// FED#ec-specific and FED#ss-specific: a claim in the wrong kind of statement makes it invalid (FED#ESValidation).
const ONLY_IN_CONFIGURATIONS = [
  'authority_hints',
  'trust_anchor_hints',
  'trust_marks',
  'trust_mark_issuers',
  'trust_mark_owners',
]
const ONLY_IN_SUBORDINATE_STATEMENTS = ['metadata_policy', 'metadata_policy_crit', 'constraints', 'source_endpoint']
// FED#explicit-reg-request-specific: `aud` and `trust_anchor` belong to a registration that we take no part in.
// FED#critClaim: we understand no extension, and a standard claim may not be listed, so any `crit` is a refusal.
const NEVER = ['crit', 'aud', 'trust_anchor']
// FED#metadata_policy, FED#chain_constraints and a superior's FED#metadata change what a member may say of itself. They are
// not applied here, and overlooking a restriction would widen it.
const NOT_APPLIED = ['metadata', 'metadata_policy', 'metadata_policy_crit', 'constraints']

/**
 * FED#ESValidation for a statement about oneself. `entityId` is whose configuration it must be; `jwks` are the keys that its
 * superior vouches for, or `'own'` when nobody vouches yet (enrolment: proves possession, not membership); `superior` must be
 * among its `authority_hints`, or is `'none'` for the top anchor. Throws TrustError `invalid_statement`.
 */
export function readEntityConfiguration(
  token: string,
  policy: { entityId: string; jwks: readonly PublicJwk[] | 'own'; superior: string | 'none'; now: Date },
): EntityConfiguration {
  const trusted = policy.jwks === 'own' ? ownKeys(token) : policy.jwks
  const { claims, payload, kid } = verifyStatement(token, { issuer: policy.entityId, jwks: trusted, now: policy.now })
  refuseMembers(payload, [...ONLY_IN_SUBORDINATE_STATEMENTS, ...NEVER])
  if (claims.sub !== policy.entityId) throw invalid('an entity configuration is about its issuer')
  const jwks = readKeySet(claims.jwks)
  assertSelfSigned(trusted, jwks, kid)
  assertHints(claims, policy.superior)
  const place = policy.superior === 'none' ? 'anchor' : 'leaf'
  return {
    ...statementOf(claims, jwks),
    authorityHints: claims.authority_hints ?? [],
    metadata: assertMetadata({ entityId: policy.entityId, place, federationKeys: jwks }, payload['metadata']),
    trustMarks: readWrappers(claims),
  }
}

/**
 * FED#ESValidation for what a superior says. `issuer` and its `jwks` come from the configured anchor or from the statement
 * above; `subject` is the entity asked for, or `'any'` inside a chain. Throws TrustError `invalid_statement`.
 */
export function readSubordinateStatement(
  token: string,
  policy: { issuer: string; subject: string | 'any'; jwks: readonly PublicJwk[]; now: Date },
): EntityStatement {
  const { claims, payload } = verifyStatement(token, policy)
  refuseMembers(payload, [...ONLY_IN_CONFIGURATIONS, ...NOT_APPLIED, ...NEVER])
  if (claims.sub === claims.iss) throw invalid('a subordinate statement is about somebody else')
  if (policy.subject !== 'any' && claims.sub !== policy.subject) throw invalid('the statement is about another entity')
  return statementOf(claims, readKeySet(claims.jwks))
}

function verifyStatement(token: string, policy: { issuer: string; jwks: readonly PublicJwk[]; now: Date }) {
  const { header, payload } = verified(token, policy)
  // FED#trust_chain_head_param, FED#peer_trust_chain_head_param: a statement is a link, it carries no chain of its own.
  refuseMembers(header, ['trust_chain', 'peer_trust_chain'])
  const claims = StatementClaims.read(payload, () => invalid('a required claim is missing or has the wrong type'))
  if (!isEntityId(claims.iss) || !isEntityId(claims.sub)) throw invalid('issuer or subject is not an entity identifier')
  if (claims.iat > seconds(policy.now) + CLOCK_SKEW_SECONDS) throw invalid('the statement comes from the future')
  if (claims.exp <= claims.iat) throw invalid('the statement expires before it begins')
  return { claims, payload, kid: header['kid'] as string }
}

function verified(token: string, policy: { issuer: string; jwks: readonly PublicJwk[]; now: Date }) {
  try {
    return verifyJwt(token, {
      typ: 'entity-statement+jwt',
      key: { jwks: policy.jwks },
      issuer: policy.issuer,
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
      maxBytes: LARGEST_STATEMENT,
    })
  } catch (cause) {
    throw invalid('the statement does not verify', cause)
  }
}

function ownKeys(token: string): readonly PublicJwk[] {
  try {
    return readKeySet(decodeJwt(token, { maxBytes: LARGEST_STATEMENT }).payload['jwks'])
  } catch (cause) {
    throw invalid('the statement carries no usable key set', cause)
  }
}

/** FED#trust_chain: signed by a key that both the superior and the entity itself name, under the same id. */
function assertSelfSigned(trusted: readonly PublicJwk[], own: readonly PublicJwk[], kid: string): void {
  const vouched = trusted.find((key) => key.kid === kid)
  const named = own.find((key) => key.kid === kid)
  if (vouched === undefined || named === undefined || thumbprint(vouched) !== thumbprint(named)) {
    throw invalid('the configuration is not signed by a key of its own set')
  }
}

/** FED#ec-specific: hints are there below the anchor and absent at the top; the superior we came from must be among them. */
function assertHints(claims: StatementClaims, superior: string | 'none'): void {
  const hints = claims.authority_hints
  if (superior === 'none') {
    if (hints !== undefined || claims.trust_anchor_hints !== undefined) throw invalid('the top anchor has no superior')
  } else if (hints === undefined || !hints.includes(superior)) {
    throw invalid('the entity does not name this superior')
  }
}

/** FED#ESValidation: the wrapper must name the type that the mark itself carries. Whether the mark is any good comes later. */
function readWrappers(claims: StatementClaims): { type: string; token: string }[] {
  return (claims.trust_marks ?? []).map(({ trust_mark_type: type, trust_mark: token }) => {
    if (markType(token) !== type) throw invalid('a trust mark is wrapped under another type')
    return { type, token }
  })
}

function markType(token: string): unknown {
  try {
    return decodeJwt(token, { maxBytes: LARGEST_STATEMENT }).payload['trust_mark_type']
  } catch (cause) {
    throw invalid('a trust mark is not a signed token', cause)
  }
}

function statementOf(claims: StatementClaims, jwks: readonly PublicJwk[]): EntityStatement {
  return {
    issuer: claims.iss,
    subject: claims.sub,
    issuedAt: new Date(claims.iat * 1000),
    expiresAt: new Date(claims.exp * 1000),
    jwks,
  }
}

function refuseMembers(value: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  if (names.some((name) => Object.hasOwn(value, name)))
    throw invalid('the statement has a member that does not belong there')
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

function invalid(message: string, cause?: unknown): TrustError {
  return new TrustError('invalid_statement', message, { cause })
}
