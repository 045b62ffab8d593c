import { createHmac, timingSafeEqual } from 'node:crypto'
import { ProtocolError } from '@samen/errors'

/**
 * How long a nonce may be used. The row that remembers its use must live longer, by more than the clocks of two processes differ:
 * otherwise one forgets a nonce that another still takes.
 */
export const NONCE_LIFETIME_SECONDS = 300

const TIME_BYTES = 4
const RANDOM_BYTES = 16
const MAC_BYTES = 16
const TOTAL_BYTES = TIME_BYTES + RANDOM_BYTES + MAC_BYTES

/**
 * A nonce that proves by itself who made it, for which tenant and when (seconds, random bytes, HMAC; base64url), so that a
 * flood of requests stores nothing. `random` gives that many unpredictable bytes. VCI#nonce-response, VCI#key-proof-replay
 */
export function issueNonce(macKey: Buffer, tenant: string, now: Date, random: (bytes: number) => Buffer): string {
  const body = Buffer.alloc(TIME_BYTES + RANDOM_BYTES)
  body.writeUInt32BE(Math.floor(now.getTime() / 1000))
  random(RANDOM_BYTES).copy(body, TIME_BYTES)
  return Buffer.concat([body, macOf(macKey, tenant, body)]).toString('base64url')
}

/**
 * Checks that we made this nonce for this tenant and that it is not too old. Returns when it expires; the caller spends
 * it with one INSERT that must succeed. Throws ProtocolError 400 `invalid_nonce`. VCI#credential-request-errors
 */
export function checkNonce(macKey: Buffer, tenant: string, nonce: string, now: Date): { readonly expiresAt: Date } {
  const bytes = Buffer.from(nonce, 'base64url')
  // Decoding is lenient, so one nonce could be written in several ways and be spent once under each.
  const isOurForm = bytes.length === TOTAL_BYTES && bytes.toString('base64url') === nonce
  if (!isOurForm) throw invalidNonce()
  const body = bytes.subarray(0, TIME_BYTES + RANDOM_BYTES)
  if (!timingSafeEqual(macOf(macKey, tenant, body), bytes.subarray(body.length))) throw invalidNonce()
  const madeAt = body.readUInt32BE() * 1000
  const age = now.getTime() - madeAt
  // Another process of this node may have a clock that is a little ahead; a nonce from the far future would outlive its memory.
  if (age >= NONCE_LIFETIME_SECONDS * 1000 || age < -10_000) throw invalidNonce()
  return { expiresAt: new Date(madeAt + NONCE_LIFETIME_SECONDS * 1000) }
}

function macOf(macKey: Buffer, tenant: string, body: Buffer): Buffer {
  return createHmac('sha256', macKey).update(body).update(tenant, 'utf8').digest().subarray(0, MAC_BYTES)
}

function invalidNonce(): ProtocolError {
  return new ProtocolError(400, 'invalid_nonce', 'the c_nonce is unknown, expired or already used')
}
