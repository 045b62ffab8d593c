import { notFound, Problem } from '@samen/errors'
import { unauthorized } from '@samen/node-kit'
import { authenticate } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import type { School } from './school.ts'

/** What a key of a school may do. `POST /v1/schools` gives one key with all of them. */
export const SCHOOL_SCOPES = ['roster', 'agreements', 'offers', 'credentials'] as const
export type SchoolScope = (typeof SCHOOL_SCOPES)[number]

/** True for a key that may do all a school can do: only such a key makes and deletes keys, or one could make itself more. */
export const mayEverything = ({ scopes }: { readonly scopes: readonly string[] }): boolean =>
  SCHOOL_SCOPES.every((scope) => scopes.includes(scope))

/** A school, and by which of its keys it calls: what is done with a key, the journal says of that key. */
export interface Caller {
  readonly school: School
  readonly keyId: string
}

/**
 * The school whose key was sent. The tenant comes from the key; the path must name that same school, and another one is
 * answered like one that does not exist. `token` is the bearer token of the request.
 * Throws Problem 401 `unauthorized` (no key or unknown key), 403 `forbidden` (key without the scope), 404 `not-found`.
 */
export async function authenticateSchool(
  deps: Deps,
  token: string | undefined,
  slug: string,
  scope: SchoolScope | 'every',
): Promise<Caller> {
  const key = token === undefined ? undefined : await authenticate(deps.db, token)
  if (key === undefined)
    throw unauthorized('The key of the school is missing or wrong', 'Send it as Authorization: Bearer')
  if (key.tenant !== slug) throw notFound()
  const may = scope === 'every' ? mayEverything(key) : key.scopes.includes(scope)
  if (!may) throw new Problem(403, 'forbidden', 'This key may not do this')
  const school = await deps.schools.find(slug)
  if (school === undefined) throw notFound()
  return { school, keyId: key.id }
}
