import { ProtocolError } from '@samen/errors'
import { isEntityId, type Member, TrustError, type TrustResolver } from '@samen/federation'
import {
  CLOCK_SKEW_SECONDS,
  checkDecodedJwt,
  type DecodedJwt,
  decodeJwt,
  type SigningKey,
  signJwt,
  verifyDecodedJwt,
} from '@samen/jwt-profile'
import type { JsonObject } from '@samen/strict-json'

/** One kind of message: the JWT type that keeps it from being taken for another (RFC8725#section-3.11) and the sender's mark. */
export type MessageType = { readonly typ: string; readonly trustMark: string }

export type VerifiedMessage = {
  iss: string
  jti: string
  /** exact to the second */
  issuedAt: Date
  /** every member of the payload besides iss, aud, iat, exp and jti, for example `{ purpose: … }` */
  body: JsonObject
  member: Member
}

type MessagePolicy = {
  readonly typ: string
  readonly audience: string
  readonly trustMark: string
  readonly resolver: Pick<TrustResolver, 'resolve'>
  readonly now: Date
}

const MAX_BYTES = 65_536
const MAX_AGE_SECONDS = 300
const JTI = /^[A-Za-z0-9_-]{22,64}$/
const ENVELOPE = ['iss', 'aud', 'iat', 'exp', 'jti']

/**
 * Signs a message from one node to another with the sender's federation key.
 * `iss` and `aud` are entity ids, `jti` is 128 random bits (base64url), kept the same when a message is sent again, `expiresAt` is when
 * what it says ends by itself, `body` holds the kind's own member. Returns the compact JWS. Throws RangeError when the body would replace the envelope.
 */
export function signNodeMessage(
  key: SigningKey,
  message: {
    typ: string
    iss: string
    aud: string
    now: Date
    expiresAt: Date | 'not-used'
    jti: string
    body: JsonObject
  },
): string {
  if (!JTI.test(message.jti)) throw new RangeError('the id of a message has at least 128 bits, base64url')
  if (ENVELOPE.some((name) => Object.hasOwn(message.body, name)))
    throw new RangeError('the body may not replace the envelope')
  const { iss, aud, jti, expiresAt } = message
  const exp = expiresAt === 'not-used' ? undefined : epoch(expiresAt)
  return signJwt(key, { typ: message.typ }, { iss, aud, iat: epoch(message.now), exp, jti, ...message.body })
}

/**
 * Proves who sent a message: type, audience, age and form of its ids (RFC8725#section-3.8, RFC8725#section-3.9), which cost nobody
 * anything, then the sender's trust chain and mark, then the signature. The caller stores `jti` in the transaction of the effect; that is
 * what makes it single use. Throws ProtocolError 403 `access_denied` when the sender is unknown, expelled or lacks the mark (alike), 400
 * `authentication_failed` (SETPUSH#section-2.4) when the message does not verify, which a clock may have caused, 503
 * `temporarily_unavailable` when the anchor cannot be reached.
 */
export async function verifyNodeMessage(token: string, policy: MessagePolicy): Promise<VerifiedMessage> {
  const jwt = attempt(() => decodeJwt(token, { maxBytes: MAX_BYTES }))
  const { iss, jti } = readEnvelope(jwt, policy)
  const member = await resolveSender(policy, iss)
  attempt(() => verifyDecodedJwt(jwt, { ...claimsPolicy(policy, iss), key: { jwks: member.jwks } }))
  const body = Object.fromEntries(Object.entries(jwt.payload).filter(([name]) => !ENVELOPE.includes(name)))
  return { iss, jti, issuedAt: new Date(Number(jwt.payload['iat']) * 1000), body, member }
}

/** The claimed sender and the id, not yet proven. An unauthenticated message with any other fault asks no member for anything. */
function readEnvelope(jwt: DecodedJwt, policy: MessagePolicy): { iss: string; jti: string } {
  attempt(() => checkDecodedJwt(jwt, claimsPolicy(policy, 'not-used')))
  const { iss, jti } = jwt.payload
  if (typeof iss !== 'string' || !isEntityId(iss) || typeof jti !== 'string' || !JTI.test(jti)) throw unverifiable()
  return { iss, jti }
}

function claimsPolicy({ typ, audience, now }: MessagePolicy, issuer: string) {
  return {
    typ,
    issuer,
    audience,
    maxAgeSeconds: MAX_AGE_SECONDS,
    expiry: 'optional',
    clockSkewSeconds: CLOCK_SKEW_SECONDS,
    now,
  } as const
}

async function resolveSender({ resolver, trustMark }: MessagePolicy, iss: string): Promise<Member> {
  try {
    return await resolver.resolve(iss, { entityType: 'not-needed', trustMark })
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause
    if (cause.code === 'unreachable') {
      const headers = { 'retry-after': '5' }
      throw new ProtocolError(503, 'temporarily_unavailable', 'the trust anchor cannot be reached', { cause, headers })
    }
    throw new ProtocolError(403, 'access_denied', 'the sender may not send this message', { cause })
  }
}

function epoch(at: Date): number {
  return Math.floor(at.getTime() / 1000)
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
