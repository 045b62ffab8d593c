import type { KeyObject } from 'node:crypto'
import { CertificateError } from '@samen/certificates'
import { ProtocolError } from '@samen/errors'

export type VpPolicy = {
  /** of this transaction */
  readonly nonce: string
  /** our client id with its prefix, VP#full-client-identifier */
  readonly audience: string
  readonly now: Date
  /** of the key binding JWT */
  readonly maxAgeSeconds: number
  /**
   * What of a credential that has run out: `taken` verifies it as of the last moment at which it was good, for who only needs to know
   * whose it was. The holder signs now in either case.
   */
  readonly lapsed: 'refused' | 'taken'
  /**
   * Proves who issued, from the credential's `x5c` and the federation: returns the key of the leaf and whose it is. `stated` is the
   * credential's `iss`; where it names none, the certificate does (SVC#claims), and another name than that is refused.
   * `at` is the moment at which the credential has to be good. To refuse, throws ProtocolError or CertificateError; anything else it throws
   * is a failure of ours and is passed on.
   */
  readonly trustIssuer: (
    stated: string | undefined,
    x5c: readonly string[],
    at: Date,
  ) => Promise<{ readonly key: KeyObject; readonly issuer: string }>
  /** Returns when the status is valid; called only for credentials that passed all other checks. Throws as `trustIssuer`. */
  readonly checkStatus: (issuer: string, status: { uri: string; idx: number }) => Promise<void>
}

/** Whether an error of a policy's function refuses. A ProtocolError of 5xx says that we cannot tell: it stays what it is. */
export function isRefusal(error: unknown): boolean {
  return error instanceof CertificateError || (error instanceof ProtocolError && error.status < 500)
}
