import { sha256 } from '@samen/jwt-profile'
import { canonicalJson } from '@samen/strict-json'

export type DecisionWord = 'yes' | 'no' | 'withdraw'

/** The document that a guardian's wallet signs: it names the text by its hash, the parties, and the word that was said. */
export type Decision = {
  handle: string
  purpose_id: string
  purpose_version: number
  purpose_hash: string
  app: string
  school: string
  registry: string
  decision: DecisionWord
  /** YYYY-MM-DD, the last day on which a yes holds */
  until: string
  /** ISO 8601 instant; after it the wallet's answer is no longer taken */
  expires_at: string
}

const SALT_BYTES = 16

/**
 * The nonce of the OpenID4VP request: base64url(SHA-256(salt ‖ SHA-256(canonical decision))). The wallet's key-binding signature
 * covers the nonce (SDJ#section-4.3), so it signs this very decision; the salt keeps the nonce from being guessed from the document.
 * `salt` is 16 random bytes; throws RangeError otherwise.
 */
export function decisionNonce(salt: Buffer, decision: Decision): string {
  if (salt.length !== SALT_BYTES) throw new RangeError('the salt of a decision has 16 bytes')
  return sha256(Buffer.concat([salt, sha256(canonicalJson(decision))])).toString('base64url')
}
