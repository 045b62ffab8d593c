import type { KeyObject, X509Certificate } from 'node:crypto'
import { verifyX5c } from '@samen/certificates'
import { MARK_SCHOOL } from '@samen/consent'
import { ProtocolError } from '@samen/errors'
import { TrustError, type TrustResolver } from '@samen/federation'

/**
 * Proves that an issuer may issue: its certificate chains to the federation's own authority and names this very issuer, which costs no
 * fetch and keeps strangers out; then it must still be a member with the mark of a school. Returns the key of the leaf.
 * Throws CertificateError, ProtocolError 400 when it is not trusted, 503 when the federation cannot be asked now.
 */
export function createTrustIssuer(deps: {
  anchors: readonly X509Certificate[]
  resolver: TrustResolver
  now: () => Date
}): (stated: string | undefined, x5c: readonly string[]) => Promise<{ key: KeyObject; issuer: string }> {
  return async (stated, x5c) => {
    const { entityId, leafKey } = verifyX5c(x5c, { anchors: deps.anchors, now: deps.now() })
    if (stated !== undefined && stated !== entityId) throw untrusted()
    try {
      await deps.resolver.resolve(entityId, { entityType: 'openid_credential_issuer', trustMark: MARK_SCHOOL })
    } catch (cause) {
      if (!(cause instanceof TrustError)) throw cause
      if (cause.code !== 'unreachable') throw untrusted(cause)
      const headers = { 'retry-after': '5' }
      throw new ProtocolError(503, 'temporarily_unavailable', 'trust cannot be established now', { cause, headers })
    }
    return { key: leafKey, issuer: entityId }
  }
}

function untrusted(cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'invalid_request', 'the issuer is not trusted', { cause })
}
