import { sha256 } from '@samen/jwt-profile'
import { canonicalJson, defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { CalendarDate, EntityId, Instant, RandomId, Sha256Text } from './wire-text.ts'

const DecisionSchema = Type.Object(
  {
    handle: RandomId,
    purpose_id: RandomId,
    purpose_version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    purpose_hash: Sha256Text,
    app: EntityId,
    school: EntityId,
    registry: EntityId,
    decision: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('withdraw')]),
    /** the last day on which a yes holds */
    until: CalendarDate,
    /** after this instant the wallet's answer is no longer taken */
    expires_at: Instant,
  },
  { additionalProperties: false },
)

/** The document that a guardian's wallet signs: it names the text by its hash, the parties, and the word that was said. */
export type Decision = Static<typeof DecisionSchema>
export type DecisionWord = Decision['decision']
export const DecisionShape = defineShape(DecisionSchema)

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
