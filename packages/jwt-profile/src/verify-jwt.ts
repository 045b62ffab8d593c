import { type KeyObject, verify } from 'node:crypto'
import type { JsonObject } from '@samen/strict-json'
import { type ClaimsPolicy, checkClaims } from './check-claims.ts'
import { type DecodedJwt, decodeJwt } from './decode-jwt.ts'
import { concatenatedToDer } from './ecdsa-signature.ts'
import { JwtError } from './jwt-error.ts'
import { importPublicJwk, type PublicJwk, readPublicJwk } from './public-jwk.ts'

/** What the receiver demands of a token. Every member is required: what is not asked for is said to be unused. */
export type JwtPolicy = ClaimsPolicy & {
  /** The exact `typ`: a token of one kind never passes for another. RFC8725#section-3.11 */
  readonly typ: string
  /** Whose key: a known one, the one of several that `kid` names, one proven elsewhere, or the one in the header. */
  readonly key:
    | { readonly jwk: PublicJwk }
    | { readonly jwks: readonly PublicJwk[] }
    | { readonly keyObject: KeyObject }
    | 'embedded-jwk'
  /** The most bytes the compact form may have. */
  readonly maxBytes: number
}

/** What was proven. `jwk` is the key out of the header, only when the policy took it from there. */
export type VerifiedJwt = {
  readonly header: JsonObject
  readonly payload: JsonObject
  readonly jwk: PublicJwk | undefined
}

/** Headers that fetch a key, change what is signed, or must be understood; we understand none. RFC7515#section-4.1.11 */
const FORBIDDEN_HEADERS = ['crit', 'jku', 'x5u', 'b64', 'zip', 'enc']
const SIGNATURE_LENGTH = 64

/**
 * Verifies a token: ES256 and nothing else, whatever its header says. RFC8725#section-3.1
 *
 * In: the compact form and the policy. Out: what it proves. Throws `JwtError`. Claims are compared before the signature
 * is computed, because that is cheaper; nothing is returned before both hold.
 */
export function verifyJwt(
  token: string,
  policy: JwtPolicy & { readonly key: 'embedded-jwk' },
): VerifiedJwt & { readonly jwk: PublicJwk }
export function verifyJwt(token: string, policy: JwtPolicy): VerifiedJwt
export function verifyJwt(token: string, policy: JwtPolicy): VerifiedJwt {
  return verifyDecodedJwt(decodeJwt(token, policy), policy)
}

/** The same for a token that was taken apart to learn whose key to ask for: what is verified is then what was looked at. */
export function verifyDecodedJwt(jwt: DecodedJwt, policy: Omit<JwtPolicy, 'maxBytes'>): VerifiedJwt {
  const { header, payload, signingInput, signature } = jwt
  checkDecodedJwt(jwt, policy)
  const { keyObject, jwk } = selectKey(header, policy.key)
  if (signature.length !== SIGNATURE_LENGTH) throw new JwtError('invalid_signature')
  if (!verify('sha256', Buffer.from(signingInput), keyObject, concatenatedToDer(signature))) {
    throw new JwtError('invalid_signature')
  }
  return { header, payload, jwk }
}

/**
 * All that can be refused without a key, for who has to ask somebody for it: a stranger's token must not cost others work. Proves
 * nothing. Throws `JwtError`.
 */
export function checkDecodedJwt(
  jwt: DecodedJwt,
  policy: Omit<JwtPolicy, 'maxBytes' | 'key'> & Partial<JwtPolicy>,
): void {
  checkHeader(jwt.header, policy)
  checkClaims(jwt.payload, policy)
}

function checkHeader(header: JsonObject, policy: Pick<JwtPolicy, 'typ'> & Partial<JwtPolicy>): void {
  if (header['alg'] !== 'ES256') throw new JwtError('unsupported_algorithm')
  if (header['typ'] !== policy.typ) throw new JwtError('wrong_type')
  for (const name of FORBIDDEN_HEADERS) {
    if (Object.hasOwn(header, name)) throw new JwtError('forbidden_header')
  }
  // A sender who brings the key it is checked with proves nothing, unless the caller binds that key afterwards.
  if (Object.hasOwn(header, 'jwk') !== (policy.key === 'embedded-jwk')) throw new JwtError('forbidden_header')
}

function selectKey(header: JsonObject, key: JwtPolicy['key']): { keyObject: KeyObject; jwk: PublicJwk | undefined } {
  if (key === 'embedded-jwk') {
    const jwk = readPublicJwk(header['jwk'])
    return { keyObject: importSignatureKey(jwk), jwk }
  }
  if ('keyObject' in key) return { keyObject: assertP256(key.keyObject), jwk: undefined }
  const jwk = 'jwk' in key ? key.jwk : findByKeyId(header['kid'], key.jwks)
  return { keyObject: importSignatureKey(jwk), jwk: undefined }
}

/** One name, one key: two keys of the same name would let the sender choose. RFC7515#section-4.1.4 */
function findByKeyId(kid: unknown, jwks: readonly PublicJwk[]): PublicJwk {
  const named = typeof kid === 'string' ? jwks.filter((jwk) => jwk.kid === kid) : []
  const [jwk] = named
  if (jwk === undefined || named.length > 1) throw new JwtError('unknown_key')
  return jwk
}

/** A key says what it is for; one for encryption signs nothing. RFC8725#section-3.12 */
function importSignatureKey(jwk: PublicJwk): KeyObject {
  if ((jwk.use ?? 'sig') !== 'sig' || (jwk.alg ?? 'ES256') !== 'ES256') throw new JwtError('invalid_key')
  return importPublicJwk(jwk)
}

/** With a key of another kind the same call would verify another algorithm under the name of ES256. */
function assertP256(key: KeyObject): KeyObject {
  if (key.type !== 'public' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new JwtError('invalid_key')
  return key
}
