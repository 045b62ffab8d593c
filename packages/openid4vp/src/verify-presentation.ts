import type { PublicJwk } from '@samen/jwt-profile'
import { verifyKeyBinding, verifySdJwtVc } from '@samen/sd-jwt-vc'
import type { JsonObject, JsonValue } from '@samen/strict-json'
import { type DisclosedCredential, disclosedCredential } from './disclosed-claims.ts'
import { refusal } from './refusal.ts'
import { type Match, matchCredential } from './satisfy-query.ts'
import { pickClaims } from './select-claims.ts'
import { isRefusal, type VpPolicy } from './vp-policy.ts'
import { decodePart, type Presentation } from './vp-token.ts'

/** A presentation that is authentic, held by its presenter and what the query asked for; its status is still unknown. */
export type Checked = {
  readonly queryId: string
  readonly issuer: string
  readonly vct: string
  readonly claims: JsonObject
  readonly holderKey: PublicJwk
  readonly status: { readonly uri: string; readonly idx: number } | undefined
}

const CLOCK_SKEW_SECONDS = 30

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
  const { header, payload } = decodePart(presentation.issuerJwt)
  const key = await trustIssuer(policy, payload['iss'], header['x5c'])
  const verified = attempt('credential_invalid', () =>
    verifySdJwtVc(presentation.text, {
      key: () => key,
      now: policy.now,
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
      typ: 'dc+sd-jwt',
    }),
  )
  attempt('holder_binding_invalid', () =>
    verifyKeyBinding(presentation.text, {
      holderKey: verified.holderKey,
      nonce: policy.nonce,
      audience: policy.audience,
      now: policy.now,
      maxAgeSeconds: policy.maxAgeSeconds,
      clockSkewSeconds: CLOCK_SKEW_SECONDS,
    }),
  )
  const { issuer, vct, holderKey, status } = verified
  const credential = disclosedCredential(payload, presentation.disclosures)
  const { claims } = matchQuery(vct, credential, presentation, all)
  const paths = claims.map(({ path }) => path)
  return { queryId: presentation.query.id, issuer, vct, claims: pickClaims(credential, paths), holderKey, status }
}

/** SVC#key-stuff: the certificate decides; a credential without it, or without `iss`, is not ours. */
async function trustIssuer(policy: VpPolicy, iss: JsonValue | undefined, x5c: JsonValue | undefined) {
  if (typeof iss !== 'string' || !Array.isArray(x5c) || !x5c.every((part) => typeof part === 'string')) {
    throw refusal('issuer_untrusted')
  }
  try {
    return (await policy.trustIssuer(iss, x5c)).key
  } catch (cause) {
    throw isRefusal(cause) ? refusal('issuer_untrusted', cause) : cause
  }
}

/** The first way to meet the query in which every disclosure was asked for. A disclosure beyond that is refused, not dropped. */
function matchQuery(
  vct: string,
  credential: DisclosedCredential,
  presentation: Presentation,
  all: readonly Presentation[],
): Match {
  const matches = matchCredential(vct, credential, presentation.query)
  if (matches.length === 0) throw refusal('query_not_met')
  const elsewhere = all
    .filter((other) => other.issuerJwt === presentation.issuerJwt && other.query !== presentation.query)
    .flatMap((other) => matchCredential(vct, credential, other.query).slice(0, 1))
    .flatMap(({ digests }) => [...digests])
  const sent = [...credential.disclosures.keys()]
  const match = matches.find(({ digests }) => sent.every((digest) => digests.has(digest) || elsewhere.includes(digest)))
  if (match === undefined) throw refusal('claims_surplus')
  return match
}

function attempt<T>(code: 'credential_invalid' | 'holder_binding_invalid', step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw refusal(code, cause)
  }
}
