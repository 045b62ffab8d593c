import type { KeyObject, X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'
import type { TrustResolver } from '@samen/federation'
import { requireMember, SCHOOL } from './member-roles.ts'

/** See `createTrustIssuer`. */
export type TrustIssuer = (
  stated: string | undefined,
  x5c: readonly string[],
) => Promise<{ readonly key: KeyObject; readonly issuer: string }>

/**
 * Proves who issued a credential and that this is a school now: its certificate chains to the federation's own authority, which costs no
 * fetch and keeps strangers out, and the entity in it is a member with the mark of a school. `stated` is the `iss` of the credential,
 * which may be absent beside a certificate but not differ from it (SVC#key-stuff). Returns the key of the leaf and whose it is.
 * Throws CertificateError, ProtocolError 400 when the issuer is not trusted, 503 when the federation cannot be asked now.
 */
export function createTrustIssuer(deps: {
  readonly anchors: readonly X509Certificate[]
  readonly resolver: TrustResolver
  readonly now: () => Date
}): TrustIssuer {
  return async (stated, x5c) => {
    const { entityId, leafKey } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
    if (stated !== undefined && stated !== entityId) {
      throw new ProtocolError(400, 'invalid_request', 'the certificate is of another issuer')
    }
    await requireMember(deps.resolver, entityId, SCHOOL)
    return { key: leafKey, issuer: entityId }
  }
}
