import { Problem, ProtocolError } from '@samen/errors'
import type { AppCertificate, AppTenant } from '../app-tenant/app-tenant.ts'

const RETRY = { headers: { 'retry-after': '5' } }

/**
 * The certificate under which an app asks now: one of its own, and a mark of the federation that is good at this moment, since
 * certificates outlive a membership by years. Throws Problem 403 `not-a-member` when the anchor has let the app go, 503
 * `not-a-member` while it has not taken it in or cannot be asked for so long that the mark ran out.
 */
export function assertMember(app: AppTenant, now: Date): AppCertificate {
  const { certificate, memberUntil } = app
  if (certificate !== undefined && certificate.expiresAt > now && isMember(app, now)) return certificate
  if (certificate !== undefined && memberUntil === undefined) {
    const detail = 'Ask the operator of the federation why its membership ended'
    throw new Problem(403, 'not-a-member', 'The federation does not count this app among its members', { detail })
  }
  throw new Problem(503, 'not-a-member', 'The federation has not certified this app now', RETRY)
}

/** The same towards a wallet: an app that has left neither asks nor takes answers. Throws ProtocolError 403 `access_denied`, or 503. */
export function assertMayAsk(app: AppTenant, now: Date): void {
  if (isMember(app, now)) return
  if (app.memberUntil === undefined) throw new ProtocolError(403, 'access_denied', 'the app may not ask this')
  throw new ProtocolError(503, 'temporarily_unavailable', 'trust cannot be established now', RETRY)
}

function isMember({ memberUntil }: AppTenant, now: Date): boolean {
  return memberUntil !== undefined && memberUntil > now
}
