import { ProtocolError } from '@samen/errors'
import { CLOCK_SKEW_SECONDS, type PublicJwk, thumbprint, type VerifiedJwt, verifyJwt } from '@samen/jwt-profile'
import { defineShape } from '@samen/strict-json'
import { Type } from 'typebox'

/** VCI#jwt-proof-type */
const PROOF_TYP = 'openid4vci-proof+jwt'

const ProofPayloadShape = defineShape(Type.Object({ nonce: Type.String({ minLength: 1, maxLength: 512 }) }))

/** What a proof must say, and when. */
export interface JwtProofPolicy {
  /** the Credential Issuer Identifier, compared byte by byte */
  readonly issuer: string
  /** the `client_id` of the token request, if it named one */
  readonly clientId: string | 'anonymous'
  readonly now: Date
  readonly maxAgeSeconds: number
}

/** What a proof has proved: somebody holds the private part of this key and answered this nonce. */
export interface ProvedKey {
  /** public members only */
  readonly holderKey: PublicJwk
  /** not yet checked to be ours: the caller checks and spends it */
  readonly nonce: string
  /** RFC7638#section-3 */
  readonly thumbprint: string
}

/**
 * Verifies one `jwt` proof. Throws ProtocolError 400 `invalid_proof` for everything, also for a proof without nonce.
 * VCI#verifying-key-proof
 */
export function verifyJwtProof(jwt: string, policy: JwtProofPolicy): ProvedKey {
  const { header, payload, jwk } = verifySignature(jwt, policy)
  if (jwk === undefined) throw invalidProof('the proof does not carry its key as jwk')
  // VCI#jwt-proof-type: with two ways to name the key, two readers may bind the credential to two keys.
  if (header['kid'] !== undefined || header['x5c'] !== undefined) throw invalidProof('the proof names its key twice')
  // VCI#jwt-proof-type: who asked for the token, and nobody where that was left open; it may be omitted in any case.
  const named = policy.clientId === 'anonymous' ? undefined : policy.clientId
  if (payload['iss'] !== undefined && payload['iss'] !== named) throw invalidProof('the proof names another client')
  const { nonce } = ProofPayloadShape.read(payload, () => invalidProof('the proof has no nonce'))
  const holderKey: PublicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }
  return { holderKey, nonce, thumbprint: thumbprint(holderKey) }
}

/** Verifies every proof of a request. One bad proof refuses them all, and no key is bound twice. VCI#credential-response */
export function verifyJwtProofs(jwts: readonly string[], policy: JwtProofPolicy): readonly ProvedKey[] {
  const keys = jwts.map((jwt) => verifyJwtProof(jwt, policy))
  if (new Set(keys.map((key) => key.thumbprint)).size < keys.length) throw invalidProof('a key is used twice')
  return keys
}

function verifySignature(jwt: string, policy: JwtProofPolicy): VerifiedJwt {
  try {
    return verifyJwt(jwt, {
      typ: PROOF_TYP,
      key: 'embedded-jwk',
      issuer: 'not-used',
      audience: policy.issuer,
      maxAgeSeconds: policy.maxAgeSeconds,
      expiry: 'optional',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
      maxBytes: 4_096,
    })
  } catch (cause) {
    throw new ProtocolError(400, 'invalid_proof', 'the proof does not verify', { cause })
  }
}

const invalidProof = (description: string): ProtocolError => new ProtocolError(400, 'invalid_proof', description)
