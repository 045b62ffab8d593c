import { type ClaimsRoot, type Disclosure, disclosuresWithin } from '@samen/sd-jwt-vc'
import type { ClaimsQuery, CredentialQuery, DcqlQuery } from './dcql-query.ts'
import { type Place, satisfyClaim } from './select-claims.ts'

/** One way in which a credential meets a query: the claims asked for in that way and the disclosures they need. */
export type Match = { readonly claims: readonly ClaimsQuery[]; readonly needed: ReadonlySet<Disclosure> }

/**
 * The ways in which a presented credential meets a credential query, in the order of preference (VP#selecting_claims).
 * Empty when the type is another (exactly; no inheritance, so a type that names its own parent gains nothing) or claims are
 * missing. Nothing is taken from the wallet's word, VP#dcql_query_security.
 */
export function matchCredential(vct: string, root: ClaimsRoot, query: CredentialQuery): Match[] {
  if (!query.meta.vct_values.includes(vct)) return []
  return claimOptions(query).flatMap((claims) => {
    const found = claims.map((claim) => satisfyClaim(root, claim))
    const places = found.filter((place) => place !== undefined)
    return places.length < found.length ? [] : [{ claims, needed: new Set(places.flat().flatMap(neededFor)) }]
  })
}

/** The disclosures that had to be sent to show a place: those on the way to it and those inside it. */
function neededFor({ claim, within }: Place): Disclosure[] {
  const onTheWay = within.flatMap(({ disclosure }) => disclosure ?? [])
  return [...onTheWay, ...disclosuresWithin(claim)]
}

/**
 * True when the answered queries are enough, VP#dcql_query_lang_processing_rules: all of them without sets, else one whole
 * option of every required set; halves of two options do not add up.
 */
export function isQuerySatisfied(query: DcqlQuery, answered: ReadonlySet<string>): boolean {
  if (query.credential_sets === undefined) return query.credentials.every(({ id }) => answered.has(id))
  return query.credential_sets.every(
    ({ required, options }) => required === false || options.some((option) => option.every((id) => answered.has(id))),
  )
}

function claimOptions(query: CredentialQuery): (readonly ClaimsQuery[])[] {
  const claims = query.claims ?? []
  if (query.claim_sets === undefined) return [claims]
  return query.claim_sets.map((ids) => claims.filter(({ id }) => id !== undefined && ids.includes(id)))
}
