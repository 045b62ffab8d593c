import type { KeyObject } from 'node:crypto'
import {
  CLOCK_SKEW_SECONDS,
  type DecodedJwt,
  JwtError,
  type PublicJwk,
  readPublicJwk,
  verifyDecodedJwt,
} from '@samen/jwt-profile'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import type { ClaimsRoot } from './claim.ts'
import type { ParsedSdJwt } from './parse-sd-jwt.ts'
import { processDisclosures } from './process-disclosures.ts'
import { SdJwtError } from './sd-jwt-error.ts'

/**
 * What the receiver demands of a credential. `key` is that of `issuer`, both learned in a way that the receiver believes, such as the
 * certificate in the header (SVC#key-stuff): a credential without `iss` is then that issuer's, and one with another is refused.
 */
export type SdJwtVcPolicy = {
  readonly issuer: string
  readonly key: KeyObject
  readonly now: Date
}

/** What was proven. `claims` is the whole processed payload, `root` the same with how each claim was shown. */
export type VerifiedSdJwtVc = {
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly root: ClaimsRoot
  readonly holderKey: PublicJwk
  readonly status: StatusReference | undefined
}

/** The place of a credential in a status list. TSL#referenced-token-jose */
export type StatusReference = { readonly uri: string; readonly idx: number }

/**
 * Verifies the issuer's part of a credential or presentation. SDJ#section-7.1, SVC#vc-sd-jwt-verification-and-processing
 *
 * In: the parsed credential, with or without key binding (which is `verifyKeyBinding`'s), and the policy. Out: what the issuer states.
 * Throws `SdJwtError`: wrong `typ`, algorithm, issuer, signature or time; a disclosure that does not belong; no `exp`, `vct` or
 * `cnf.jwk`. The status is read, not checked: that comes after everything else (TSL#validation-rules).
 */
export function verifySdJwtVc({ issuerJwt, disclosures }: ParsedSdJwt, policy: SdJwtVcPolicy): VerifiedSdJwtVc {
  const { iss } = issuerJwt.payload
  // The certificate of one school must not carry the name of another (SVC#ecosystem-verification-rules).
  if (iss !== undefined && iss !== policy.issuer) throw new SdJwtError('issuer_mismatch')
  const root = processDisclosures(verifyIssuerJwt(issuerJwt, policy), disclosures)
  const claims = root.value
  assertNotFromTheFuture(claims['iat'], policy)
  return {
    issuer: policy.issuer,
    vct: readText(claims['vct']),
    claims,
    root,
    holderKey: readHolderKey(claims['cnf']),
    status: readStatusReference(claims['status']),
  }
}

function verifyIssuerJwt(issuerJwt: DecodedJwt, policy: SdJwtVcPolicy): JsonObject {
  return fromJwtError(() =>
    verifyDecodedJwt(issuerJwt, {
      typ: 'dc+sd-jwt',
      key: { keyObject: policy.key },
      issuer: 'not-used',
      audience: 'not-used',
      maxAgeSeconds: 'not-used',
      expiry: 'required',
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      now: policy.now,
    }),
  ).payload
}

/** `iat` may be hidden or left out; what is shown must make sense. */
function assertNotFromTheFuture(iat: JsonValue | undefined, policy: SdJwtVcPolicy): void {
  if (iat === undefined) return
  if (typeof iat !== 'number') throw new SdJwtError('malformed_claim')
  if (iat > policy.now.getTime() / 1000 + CLOCK_SKEW_SECONDS) throw new SdJwtError('not_yet_valid')
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
