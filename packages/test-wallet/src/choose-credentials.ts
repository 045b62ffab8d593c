import { type CredentialQuery, type DcqlQuery, type Path, satisfy, selectQueries } from './dcql.ts'
import type { HeldCredential } from './held-credential.ts'

export interface Choice {
  readonly queryId: string
  readonly held: HeldCredential
  readonly paths: readonly Path[]
}

/**
 * For each query that is to be answered a held credential that satisfies it and that `choose` accepts, a fresh copy first. Throws
 * Error when nothing does, and when two children would do equally: a wallet asks its owner then, it does not guess.
 */
export function chooseCredentials(
  query: DcqlQuery,
  held: readonly HeldCredential[],
  choose: (held: HeldCredential) => boolean,
): Choice[] {
  const choices = new Map(query.credentials.map((each) => [each.id, chooseOne(each, held.filter(choose))]))
  return selectQueries(query, (id) => choices.get(id) !== undefined).flatMap((id) => choices.get(id) ?? [])
}

function chooseOne(query: CredentialQuery, held: readonly HeldCredential[]): Choice | undefined {
  const fitting = held.flatMap((one) => {
    const paths = satisfy(query, one)
    return paths === undefined ? [] : [{ queryId: query.id, held: one, paths }]
  })
  if (new Set(fitting.map((choice) => choice.held.label)).size > 1)
    throw new Error(`several children fit the query ${query.id}, and the owner has not chosen`)
  return fitting.find((choice) => !choice.held.used) ?? fitting[0]
}
