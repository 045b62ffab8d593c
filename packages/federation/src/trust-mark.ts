import { CLOCK_SKEW_SECONDS, type PublicJwk, verifyJwt } from '@samen/jwt-profile'
import { defineShape } from '@samen/strict-json'
import { Type } from 'typebox'
import { TrustError } from './trust-error.ts'

export type TrustMark = { readonly type: string; readonly subject: string; readonly expiresAt: Date }

const TrustMarkClaims = defineShape(
  Type.Object({
    sub: Type.String({ minLength: 1, maxLength: 512 }),
    trust_mark_type: Type.String({ minLength: 1, maxLength: 255 }),
    iat: Type.Integer({ minimum: 0 }),
    exp: Type.Integer({ minimum: 0 }),
  }),
)

/**
 * FED#trust-mark-validation, for marks that the anchor issues itself: `issuer` and `jwks` come from configuration, `subject` is
 * the entity that shows the mark (a mark copied from another entity does not fit), `type` is the mark asked for.
 * An expiry is required although FED#trust_mark_claims leaves it open: there is no status call, so a mark must die by itself.
 * Throws TrustError `invalid_trust_mark`, also for a delegated mark (FED#trust_mark_delegation), which this federation has none of.
 */
export function readTrustMark(
  token: string,
  policy: { issuer: string; jwks: readonly PublicJwk[]; subject: string; type: string; now: Date },
): TrustMark {
  const payload = verified(token, policy)
  const claims = TrustMarkClaims.read(payload, () => invalid('a required claim is missing or has the wrong type'))
  if (claims.sub !== policy.subject) throw invalid('the mark was given to another entity')
  if (claims.trust_mark_type !== policy.type) throw invalid('the mark is of another type')
  if (claims.iat > Math.floor(policy.now.getTime() / 1000) + CLOCK_SKEW_SECONDS)
    throw invalid('the mark comes from the future')
  if (['delegation', 'crit', 'id'].some((name) => Object.hasOwn(payload, name))) {
    throw invalid('the mark has a member that does not belong there')
  }
  return { type: claims.trust_mark_type, subject: claims.sub, expiresAt: new Date(claims.exp * 1000) }
}

function verified(token: string, policy: { issuer: string; jwks: readonly PublicJwk[]; now: Date }) {
  try {
    return verifyJwt(token, {
      typ: 'trust-mark+jwt',
      key: { jwks: policy.jwks },
      issuer: policy.issuer,
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
      maxBytes: 16_384,
    }).payload
  } catch (cause) {
    throw invalid('the mark does not verify', cause)
  }
}

function invalid(message: string, cause?: unknown): TrustError {
  return new TrustError('invalid_trust_mark', message, { cause })
}
