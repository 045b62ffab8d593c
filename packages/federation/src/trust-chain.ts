import type { PublicJwk } from '@samen/jwt-profile'
import { type EntityConfiguration, readEntityConfiguration, readSubordinateStatement } from './entity-statement.ts'
import type { TrustAnchor } from './trust-anchor-file.ts'
import { TrustError } from './trust-error.ts'

/** The verified subject: keys as its superior names them, its own configuration, and the chain's times. */
export type TrustChain = {
  readonly jwks: readonly PublicJwk[]
  readonly configuration: EntityConfiguration
  readonly issuedAt: readonly Date[]
  readonly expiresAt: Date
}

const MOST_SUPERIORS = 4

/**
 * FED#trust_chain_validation. `statements` begin with the subject's own configuration and end with the anchor's statement about
 * the topmost entity below it. Walked from the anchor down, so that each key is vouched for before a signature is checked with it;
 * the anchor's keys come from configuration and from nowhere else. `expiresAt` is the earliest expiry (FED#trust_lifetime).
 * Throws TrustError `invalid_chain` or `invalid_statement`, `expired` when any statement is past its time.
 */
export function verifyTrustChain(
  statements: readonly string[],
  { anchor, now }: { anchor: TrustAnchor; now: Date },
): TrustChain {
  const [own, ...superiors] = statements
  if (own === undefined || superiors.length === 0 || superiors.length > MOST_SUPERIORS)
    throw invalid('a chain has two to five statements')
  let above: { entityId: string; jwks: readonly PublicJwk[] } = anchor
  let superior = anchor.entityId
  const seen = new Set([anchor.entityId])
  const links = []
  for (const token of superiors.toReversed()) {
    const link = readSubordinateStatement(token, { issuer: above.entityId, subject: 'any', jwks: above.jwks, now })
    if (seen.has(link.subject)) throw invalid('the chain goes in circles')
    seen.add(link.subject)
    superior = above.entityId
    above = { entityId: link.subject, jwks: link.jwks }
    links.unshift(link)
  }
  const configuration = readEntityConfiguration(own, { entityId: above.entityId, jwks: above.jwks, superior, now })
  const all = [configuration, ...links]
  const expiresAt = new Date(Math.min(...all.map((link) => link.expiresAt.getTime())))
  // No leeway here: the skew that forgives a fast clock must not let a chain be used after its end.
  if (expiresAt <= now) throw new TrustError('expired', 'the trust chain has expired')
  return { jwks: above.jwks, configuration, issuedAt: all.map((link) => link.issuedAt), expiresAt }
}

function invalid(message: string): TrustError {
  return new TrustError('invalid_chain', message)
}
