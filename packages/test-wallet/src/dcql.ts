// VP#dcql_query, for credentials of the format dc+sd-jwt. Written for this wallet alone, so that it is a second reading of the text.

export interface ClaimsQuery {
  readonly id?: string
  readonly path: readonly (string | number | null)[]
  readonly values?: readonly unknown[]
}

export interface CredentialQuery {
  readonly id: string
  readonly format: string
  readonly meta: { readonly vct_values: readonly string[] }
  readonly claims?: readonly ClaimsQuery[]
  readonly claim_sets?: readonly (readonly string[])[]
  readonly trusted_authorities?: readonly { readonly type: string; readonly values: readonly string[] }[]
}

export interface DcqlQuery {
  readonly credentials: readonly CredentialQuery[]
  readonly credential_sets?: readonly {
    readonly options: readonly (readonly string[])[]
    readonly required?: boolean
  }[]
}

/** The part of a held credential that a query looks at. */
export interface Candidate {
  readonly vct: string
  readonly authority: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
}

export type Path = readonly (string | number)[]

/**
 * The paths to disclose so that the candidate satisfies the query, or undefined when it does not. Without `claims` nothing
 * selectively disclosable is asked; of `claim_sets` the first that can be met counts (VP#selecting_claims).
 */
export function satisfy(query: CredentialQuery, candidate: Candidate): Path[] | undefined {
  if (query.format !== 'dc+sd-jwt' || !query.meta.vct_values.includes(candidate.vct)) return undefined
  if (!isTrusted(query, candidate)) return undefined
  const claims = query.claims ?? []
  const sets = query.claim_sets?.map((ids) => claims.filter(({ id }) => id !== undefined && ids.includes(id))) ?? [
    claims,
  ]
  for (const set of sets) {
    const found = set.map((claim) => select(candidate.claims, claim))
    if (found.every((paths) => paths.length > 0)) return found.flat()
  }
  return undefined
}

/**
 * Which queries to answer, given which can be answered. Without `credential_sets` all of them; else the first option of each
 * required set that can be met (VP#credential_set_query). Throws Error naming the first query that stands in the way.
 */
export function selectQueries(query: DcqlQuery, answerable: (id: string) => boolean): string[] {
  const all = query.credentials.map(({ id }) => id)
  const sets = query.credential_sets ?? [{ options: [all] }]
  const chosen = sets.flatMap(({ options, required = true }) => {
    const option = options.find((ids) => ids.every(answerable))
    if (option !== undefined || !required) return option ?? []
    throw new Error(`this wallet holds nothing for the query ${options[0]?.find((id) => !answerable(id))}`)
  })
  return [...new Set(chosen)]
}

function isTrusted({ trusted_authorities: wanted }: CredentialQuery, { authority }: Candidate): boolean {
  if (wanted === undefined) return true
  return wanted.some(({ type, values }) => type === 'aki' && authority !== undefined && values.includes(authority))
}

/** VP#claims_path_pointer: a name selects a member, a number an element, null all elements. */
function select(claims: unknown, { path, values }: ClaimsQuery): Path[] {
  let found: { at: Path; value: unknown }[] = [{ at: [], value: claims }]
  for (const step of path) {
    found = found.flatMap(({ at, value }) =>
      stepInto(value, step).map(([name, inner]) => ({ at: [...at, name], value: inner })),
    )
  }
  return found.filter(({ value }) => values === undefined || values.includes(value)).map(({ at }) => at)
}

function stepInto(value: unknown, step: string | number | null): [string | number, unknown][] {
  if (Array.isArray(value)) {
    if (step === null) return [...value.entries()]
    return typeof step === 'number' && step in value ? [[step, value[step]]] : []
  }
  const isMember = typeof step === 'string' && typeof value === 'object' && value !== null && Object.hasOwn(value, step)
  return isMember ? [[step, (value as Record<string, unknown>)[step]]] : []
}
