import type { HeldCredential } from './held-credential.ts'

/** The part of a DCQL query that this wallet understands. */
export interface CredentialQuery {
  readonly id: string
  readonly format: string
  readonly meta: { readonly vct_values: readonly string[] }
  readonly claims?: readonly { readonly path: readonly string[] }[]
}

export interface Choice {
  readonly queryId: string
  readonly held: HeldCredential
  readonly paths: readonly (readonly string[])[]
}

/**
 * VP#dcql_query: for each credential query a held credential of the type that has all the claims, a fresh copy first.
 * Throws Error naming the query that nothing satisfies.
 */
export function chooseCredentials(
  queries: readonly CredentialQuery[],
  held: readonly HeldCredential[],
  choose: (held: HeldCredential) => boolean,
): Choice[] {
  return queries.map(({ id, meta, claims = [] }) => {
    const fitting = held.filter(
      (one) =>
        meta.vct_values.includes(one.vct) &&
        choose(one) &&
        claims.every(({ path }) => valueAt(one.claims, path) !== undefined),
    )
    const chosen = fitting.find((one) => !one.used) ?? fitting[0]
    if (!chosen) throw new Error(`this wallet holds nothing for the query ${id}`)
    return { queryId: id, held: chosen, paths: claims.map(({ path }) => path) }
  })
}

function valueAt(claims: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], claims)
}
