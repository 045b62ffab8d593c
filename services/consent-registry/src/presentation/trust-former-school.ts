import type { KeyObject } from 'node:crypto'
import { X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import type { Deps } from '../deps.ts'

/**
 * Proves who issued a credential by its certificate alone, which the anchor's own authority made and which was valid at a moment: that this
 * entity was a member once, not that it still is. Good enough to see who takes back what they gave, and for nothing that gives.
 * `stated` is the `iss` of the credential, which may be absent beside a certificate but not differ from it (SVC#key-stuff).
 * Throws CertificateError, ProtocolError 400.
 */
export function trustFormerSchool({ anchor }: Pick<Deps, 'anchor'>) {
  const anchors = [new X509Certificate(anchor.caPem)]
  return async (
    stated: string | undefined,
    x5c: readonly string[],
    at: Date,
  ): Promise<{ readonly key: KeyObject; readonly issuer: string }> => {
    const { entityId, leafKey } = verifyX5c(x5c, { anchors, now: at })
    if (stated === undefined || stated === entityId) return { key: leafKey, issuer: entityId }
    throw new ProtocolError(400, 'invalid_request', 'the certificate is of another issuer')
  }
}
