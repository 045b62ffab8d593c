import { sha256Base64url } from '@samen/jwt-profile'
import { canonicalJson } from '@samen/strict-json'
import type { Decision } from './decision.ts'

/**
 * What proves a decision: the document, the salt of its nonce (base64url), the credential that the school signed and the key binding that
 * the holder signed over that nonce (SDJ#section-4.3). Both as compact JWTs, without the disclosures, which nobody needs again.
 */
export type DecisionEvidence = { salt: string; document: Decision; issuer_jwt: string; kb_jwt: string }

/** Base64url SHA-256 of the evidence in canonical form (JCS#section-3.2): the event of the decision in the log carries it. */
export function evidenceHash(evidence: DecisionEvidence): string {
  return sha256Base64url(canonicalJson(evidence))
}
