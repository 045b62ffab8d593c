import { checkNonce, issueNonce, type ProvedKey } from '@samen/openid4vci'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'

/** A fresh nonce for anybody who asks; nothing is stored. VCI#nonce-endpoint */
export function handOutNonce(
  deps: Pick<Deps, 'keyring' | 'random' | 'now'>,
  school: School,
): { readonly c_nonce: string } {
  return { c_nonce: issueNonce(nonceKey(deps), school.slug, deps.now(), deps.random) }
}

/** A nonce as it is spent: by its hash, until it would be too old anyway. */
export interface SpendableNonce {
  readonly hash: Buffer
  readonly expiresAt: Date
}

/**
 * The nonces of the proofs of one request, each once and in order. Several proofs may share one. Throws ProtocolError 400
 * `invalid_nonce` when one is not ours or too old. VCI#credential-request-errors
 */
export function readNonces(
  deps: Pick<Deps, 'keyring' | 'now'>,
  school: School,
  keys: readonly ProvedKey[],
): readonly SpendableNonce[] {
  const macKey = nonceKey(deps)
  const now = deps.now()
  return [...new Set(keys.map((key) => key.nonce))]
    .map((nonce) => ({ hash: hashSecret(nonce), expiresAt: checkNonce(macKey, school.slug, nonce, now).expiresAt }))
    .sort((a, b) => Buffer.compare(a.hash, b.hash))
}

const nonceKey = (deps: Pick<Deps, 'keyring'>): Buffer => deps.keyring.mac('issuer/c-nonce')
