import type { PublicJwk } from '@samen/jwt-profile'
import { type ParsedSdJwt, type VerifiedSdJwtVc, verifyKeyBinding, verifySdJwtVc } from '@samen/sd-jwt-vc'
import type { JsonObject } from '@samen/strict-json'
import type { ClaimsQuery } from './dcql-query.ts'
import { refusal } from './refusal.ts'
import { matchCredential } from './satisfy-query.ts'
import { pickClaims } from './select-claims.ts'
import { isRefusal, type VpPolicy } from './vp-policy.ts'
import type { Presentation } from './vp-token.ts'

/** A presentation that is authentic, held by its presenter and what the query asked for; its status is still unknown. */
export type Checked = {
  readonly queryId: string
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly holderKey: PublicJwk
  readonly status: { readonly uri: string; readonly idx: number } | undefined
}

/**
 * Issuer trust, issuer signature, holder binding, query; in this order. `all` are the presentations of the response, since a
 * credential that answers two queries may show what either asked (VP#dcql_query_lang_processing_rules).
 * Throws ProtocolError 400; other errors of `policy.trustIssuer` pass through.
 */
export async function verifyPresentation(
  presentation: Presentation,
  all: readonly Presentation[],
  policy: VpPolicy,
): Promise<Checked> {
  const { sdJwt, query } = presentation
  const { now, nonce, audience, maxAgeSeconds } = policy
  const at = policy.lapsed === 'taken' ? lastGoodMoment(sdJwt, now) : now
  const trusted = await trustIssuer(policy, sdJwt, at)
  const verified = attempt('credential_invalid', () => verifySdJwtVc(sdJwt, { ...trusted, now: at }))
  const { issuer, vct, root, holderKey, status } = verified
  attempt('holder_binding_invalid', () => verifyKeyBinding(sdJwt, { holderKey, nonce, audience, now, maxAgeSeconds }))
  const paths = matchQuery(verified, presentation, all).map(({ path }) => path)
  return { queryId: query.id, issuer, vct, claims: pickClaims(root, paths), holderKey, status }
}

/** Now, or the second before its `exp` when that is earlier (RFC7519#section-4.1.4). A time that is none is refused with the rest. */
function lastGoodMoment({ issuerJwt }: ParsedSdJwt, now: Date): Date {
  const { exp } = issuerJwt.payload
  return typeof exp === 'number' && exp * 1000 <= now.getTime() ? new Date((exp - 1) * 1000) : now
}

/** SVC#key-stuff: the certificate decides; a credential without it is not ours. */
async function trustIssuer(policy: VpPolicy, { issuerJwt }: ParsedSdJwt, at: Date) {
  const { iss } = issuerJwt.payload
  const { x5c } = issuerJwt.header
  const isText = (part: unknown) => typeof part === 'string'
  if ((iss !== undefined && !isText(iss)) || !Array.isArray(x5c) || !x5c.every(isText))
    throw refusal('issuer_untrusted')
  try {
    const { key, issuer } = await policy.trustIssuer(iss, x5c, at)
    return { key, issuer }
  } catch (cause) {
    throw isRefusal(cause) ? refusal('issuer_untrusted', cause) : cause
  }
}

/** The claims of the first way to meet the query in which every disclosure was asked for. One beyond that is refused, not dropped. */
function matchQuery(
  { vct, root }: VerifiedSdJwtVc,
  { query, sdJwt }: Presentation,
  all: readonly Presentation[],
): readonly ClaimsQuery[] {
  const matches = matchCredential(vct, root, query)
  if (matches.length === 0) throw refusal('query_not_met')
  const elsewhere = all
    .filter((other) => other.query !== query && other.sdJwt.issuerJwt.signingInput === sdJwt.issuerJwt.signingInput)
    .flatMap((other) => matchCredential(vct, root, other.query).slice(0, 1))
    .flatMap(({ needed }) => [...needed])
  const sent = [...sdJwt.disclosures.values()]
  const match = matches.find(({ needed }) => sent.every((one) => needed.has(one) || elsewhere.includes(one)))
  if (match === undefined) throw refusal('claims_surplus')
  return match.claims
}

function attempt<T>(code: 'credential_invalid' | 'holder_binding_invalid', step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw refusal(code, cause)
  }
}
