import { ProtocolError } from '@samen/errors'
import type { PresentedCredential } from '@samen/openid4vp'
import { pseudonymIn } from '../request/presentation-query.ts'

/**
 * Two children in one wallet: every credential must show this app's pseudonym of the same child, the one that was looked up.
 * Throws ProtocolError 400, as for any other answer that does not verify.
 */
export function assertOneChild(
  presented: Readonly<Record<string, PresentedCredential>>,
  entityId: string,
  pseudonym: string,
): void {
  const shown = Object.values(presented).map((credential) => pseudonymIn(credential, entityId))
  if (pseudonym !== '' && shown.length > 0 && shown.every((value) => value === pseudonym)) return
  throw new ProtocolError(400, 'invalid_request', 'the response does not verify')
}
