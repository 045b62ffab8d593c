import type { KeyObject } from 'node:crypto'
import { decodeJwt, JwtError, type PublicJwk, readPublicJwk, verifyJwt } from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { parseSdJwt, SD_JWT_LIMITS } from './parse-sd-jwt.ts'
import { type ClaimPath, processDisclosures } from './process-disclosures.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/** What the receiver demands of a credential. */
export type SdJwtVcPolicy = {
  /**
   * The key of the issuer, or a throw. The header is not proven yet, so this function alone decides which way to a key is taken for
   * which issuer (SVC#key-stuff). It returns the issuer too when it learned it from the certificate: a credential without `iss` is
   * then that issuer's, and one with another `iss` is refused.
   */
  readonly key: (
    header: JsonObject,
    issuer: string | undefined,
  ) => KeyObject | { readonly key: KeyObject; readonly issuer: string }
  readonly now: Date
  readonly clockSkewSeconds: number
  readonly typ: 'dc+sd-jwt'
}

/** What was proven. `claims` is the whole processed payload; `disclosed` are the places in it that were hidden and sent. */
export type VerifiedSdJwtVc = {
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly disclosed: readonly ClaimPath[]
  readonly holderKey: PublicJwk
  readonly status: StatusReference | undefined
  readonly header: JsonObject
}

/** The place of a credential in a status list. TSL#referenced-token-jose */
export type StatusReference = { readonly uri: string; readonly idx: number }

/**
 * Verifies the issuer's part of a credential or presentation. SDJ#section-7.1, SVC#vc-sd-jwt-verification-and-processing
 *
 * In: the compact form, with or without key binding (which is `verifyKeyBinding`'s), and the policy. Out: what the issuer states.
 * Throws `SdJwtError`: wrong form, `typ`, algorithm, key, signature or time; a disclosure that does not belong; no `exp`, `vct` or
 * `cnf.jwk`. The status is read, not checked: that comes after everything else (TSL#validation-rules).
 */
export function verifySdJwtVc(text: string, policy: SdJwtVcPolicy): VerifiedSdJwtVc {
  const { issuerJwt, disclosures } = parseSdJwt(text, SD_JWT_LIMITS)
  const trusted = trustIssuer(issuerJwt, policy)
  const { header, payload } = verifyIssuerJwt(issuerJwt, trusted.key, policy)
  const { claims, disclosed } = processDisclosures(payload, disclosures)
  assertNotFromTheFuture(claims['iat'], policy)
  return {
    issuer: trusted.issuer,
    vct: readText(claims['vct']),
    claims,
    disclosed: disclosed.map(({ path }) => path),
    holderKey: readHolderKey(claims['cnf']),
    status: readStatusReference(claims['status']),
    header,
  }
}

function trustIssuer(issuerJwt: string, policy: SdJwtVcPolicy): { key: KeyObject; issuer: string } {
  const { header, payload } = fromJwtError(() => decodeJwt(issuerJwt, SD_JWT_LIMITS))
  const stated = payload['iss'] === undefined ? undefined : readText(payload['iss'])
  const answer = askForKey(policy, header, stated)
  const found = 'issuer' in answer ? answer : { key: answer, issuer: stated }
  if (found.issuer === undefined) throw new SdJwtError('missing_claim')
  // The certificate of one school must not carry the name of another (SVC#ecosystem-verification-rules).
  if (stated !== undefined && stated !== found.issuer) throw new SdJwtError('issuer_mismatch')
  return { key: found.key, issuer: found.issuer }
}

function askForKey(policy: SdJwtVcPolicy, header: JsonObject, issuer: string | undefined) {
  try {
    return policy.key(header, issuer)
  } catch (cause) {
    throw new SdJwtError('untrusted_issuer', { cause })
  }
}

function verifyIssuerJwt(issuerJwt: string, keyObject: KeyObject, policy: SdJwtVcPolicy) {
  return fromJwtError(() =>
    verifyJwt(issuerJwt, {
      typ: policy.typ,
      key: { keyObject },
      issuer: 'not-used',
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: policy.clockSkewSeconds,
      now: policy.now,
      maxBytes: SD_JWT_LIMITS.maxBytes,
    }),
  )
}

/** `iat` may be hidden or left out; what is shown must make sense. */
function assertNotFromTheFuture(iat: JsonValue | undefined, policy: SdJwtVcPolicy): void {
  if (iat === undefined) return
  if (typeof iat !== 'number') throw new SdJwtError('malformed_claim')
  if (iat > policy.now.getTime() / 1000 + policy.clockSkewSeconds) throw new SdJwtError('not_yet_valid')
}

function readText(value: JsonValue | undefined): string {
  if (value === undefined) throw new SdJwtError('missing_claim')
  if (typeof value !== 'string' || value === '') throw new SdJwtError('malformed_claim')
  return value
}

/** Samen's credentials are always bound to a key: without one a copy would be as good as the original. SDJ#section-9.5 */
function readHolderKey(cnf: JsonValue | undefined): PublicJwk {
  if (cnf === undefined) throw new SdJwtError('missing_claim')
  return fromJwtError(() => readPublicJwk(memberOf(cnf, 'jwk')))
}

/** A status of a kind that is not understood is not the same as none: it is refused. */
function readStatusReference(status: JsonValue | undefined): StatusReference | undefined {
  if (status === undefined) return undefined
  const reference = memberOf(status, 'status_list')
  const uri = memberOf(reference, 'uri')
  const idx = memberOf(reference, 'idx')
  if (typeof uri !== 'string' || !Number.isSafeInteger(idx) || (idx as number) < 0) {
    throw new SdJwtError('malformed_claim')
  }
  return { uri, idx: idx as number }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.hasOwn(value, name) ? value[name] : undefined
}

function fromJwtError<T>(step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (cause instanceof JwtError) throw new SdJwtError(cause.code, { cause })
    throw cause
  }
}
