import { MARK_CONSENT_REGISTRY, MARK_SCHOOL } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { type Member, type ResolvePolicy, TrustError, type TrustResolver } from '@samen/federation'

/** Who may issue credentials and say which of them are still good. */
export const SCHOOL: ResolvePolicy = { entityType: 'openid_credential_issuer', trustMark: MARK_SCHOOL }
/** Who may say which consents are live. */
export const REGISTRY: ResolvePolicy = { entityType: 'samen_consent_registry', trustMark: MARK_CONSENT_REGISTRY }

/**
 * The member that plays this role now. Throws ProtocolError 400 when the entity is no member, plays another role or lacks the mark
 * (alike), 503 when the federation cannot be asked.
 */
export async function requireMember(resolver: TrustResolver, entityId: string, role: ResolvePolicy): Promise<Member> {
  try {
    return await resolver.resolve(entityId, role)
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    if (cause.code === 'unreachable') throw notNow('trust cannot be established now', cause)
    throw new ProtocolError(400, 'invalid_request', 'the issuer is not trusted', { cause })
  }
}

/** We cannot tell: neither yes nor no. */
export function notNow(description: string, cause: unknown): ProtocolError {
  return new ProtocolError(503, 'temporarily_unavailable', description, { cause, headers: { 'retry-after': '5' } })
}
