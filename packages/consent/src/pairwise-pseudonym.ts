import { createHmac } from 'node:crypto'

const SEPARATOR = '\0'
const MIN_KEY_BYTES = 32

/**
 * The pupil's id for one audience: base64url(HMAC-SHA-256(key of the school, audience ‖ 0 ‖ pupil id ‖ 0 ‖ epoch)).
 * Two audiences see unrelated values, and nobody without the key can confirm a guess.
 * Throws RangeError for a short key or a part that holds the separator: two different triples must never meet.
 */
export function pairwisePseudonym(schoolKey: Buffer, audience: string, pupilId: string, epoch: string): string {
  if (schoolKey.length < MIN_KEY_BYTES) throw new RangeError('the key of a school has at least 32 bytes')
  const parts = [audience, pupilId, epoch]
  if (parts.some((part) => part === '' || part.includes(SEPARATOR))) {
    throw new RangeError('a part of a pseudonym is empty or holds the separator')
  }
  return createHmac('sha256', schoolKey).update(parts.join(SEPARATOR), 'utf8').digest('base64url')
}
