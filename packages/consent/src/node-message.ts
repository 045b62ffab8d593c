import { ProtocolError } from '@samen/errors'
import { type Member, TrustError } from '@samen/federation'
import { decodeJwt, type SigningKey, signJwt, verifyJwt } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'

/** One kind of message: the JWT type that keeps it from being taken for another (RFC8725#section-3.11) and the sender's mark. */
export type MessageType = { readonly typ: string; readonly trustMark: string }

export type VerifiedMessage = {
  iss: string
  jti: string
  /** exact to the second */
  issuedAt: Date
  /** every member of the payload besides iss, aud, iat and jti, for example `{ purpose: … }` */
  body: JsonObject
  member: Member
}

type TrustResolver = { resolve(entityId: string, options: { trustMark: string }): Promise<Member> }

const MAX_BYTES = 65_536
const MAX_AGE_SECONDS = 300
const CLOCK_SKEW_SECONDS = 30
const JTI = /^[A-Za-z0-9_-]{22,64}$/
const ENVELOPE = ['iss', 'aud', 'iat', 'jti']

/**
 * Signs a message from one node to another with the sender's federation key.
 * `iss` and `aud` are entity ids, `jti` is 128 random bits (base64url), kept the same when a message is sent again,
 * `body` holds the kind's own member. Returns the compact JWS. Throws RangeError when the body would replace the envelope.
 */
export function signNodeMessage(
  key: SigningKey,
  message: { typ: string; iss: string; aud: string; now: Date; jti: string; body: JsonObject },
): string {
  if (!JTI.test(message.jti)) throw new RangeError('the id of a message has at least 128 bits, base64url')
  if (ENVELOPE.some((name) => Object.hasOwn(message.body, name)))
    throw new RangeError('the body may not replace the envelope')
  const { iss, aud, jti } = message
  const iat = Math.floor(message.now.getTime() / 1000)
  return signJwt(key, { typ: message.typ }, { iss, aud, iat, jti, ...message.body })
}

/**
 * Proves who sent a message: the sender's trust chain and mark, then signature, type, audience and age (RFC8725#section-3.8,
 * RFC8725#section-3.9). The caller stores `jti` in the transaction of the effect; that is what makes it single use.
 * Throws ProtocolError 403 `access_denied` when the sender is unknown, expelled or lacks the mark (alike), 400
 * `authentication_failed` (SETPUSH#section-2.4) when the message does not verify, which a clock may have caused, 503
 * `temporarily_unavailable` when the anchor cannot be reached.
 */
export async function verifyNodeMessage(
  token: string,
  policy: { typ: string; audience: string; trustMark: string; resolver: TrustResolver; now: Date },
): Promise<VerifiedMessage> {
  const iss = readSender(token)
  const member = await resolveSender(policy, iss)
  const payload = verifyPayload(token, policy, member)
  if (typeof payload['jti'] !== 'string' || !JTI.test(payload['jti'])) throw unverifiable()
  const body = Object.fromEntries(Object.entries(payload).filter(([name]) => !ENVELOPE.includes(name)))
  const issuedAt = new Date(Number(payload['iat']) * 1000)
  return { iss, jti: payload['jti'], issuedAt, body: body as { [name: string]: JsonValue }, member }
}

/** The claimed sender, not yet proven; the resolver fetches only for ids that the anchor lists. */
function readSender(token: string): string {
  const { iss } = attempt(() => decodeJwt(token, { maxBytes: MAX_BYTES })).payload
  if (typeof iss !== 'string' || iss.length > 512) throw unverifiable()
  return iss
}

async function resolveSender(policy: { resolver: TrustResolver; trustMark: string }, iss: string): Promise<Member> {
  try {
    return await policy.resolver.resolve(iss, { trustMark: policy.trustMark })
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    if (cause.code === 'unreachable') {
      const headers = { 'retry-after': '5' }
      throw new ProtocolError(503, 'temporarily_unavailable', 'the trust anchor cannot be reached', { cause, headers })
    }
    throw new ProtocolError(403, 'access_denied', 'the sender may not send this message', { cause })
  }
}

function verifyPayload(
  token: string,
  policy: { typ: string; audience: string; now: Date },
  member: Member,
): JsonObject {
  return attempt(() =>
    verifyJwt(token, {
      typ: policy.typ,
      key: { jwks: member.jwks },
      issuer: member.entityId,
      audience: policy.audience,
      maxAgeSeconds: MAX_AGE_SECONDS,
      expiry: 'not-used',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
      maxBytes: MAX_BYTES,
    }),
  ).payload as JsonObject
}

function attempt<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw unverifiable(cause)
  }
}

function unverifiable(cause?: unknown): ProtocolError {
  return new ProtocolError(400, 'authentication_failed', 'the message does not verify', { cause })
}
