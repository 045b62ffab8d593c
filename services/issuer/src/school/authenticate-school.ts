import { timingSafeEqual } from 'node:crypto'
import { Problem } from '@samen/errors'
import { authenticate } from '@samen/pg-kit'
import { hashSecret } from '@samen/sealing'
import type { Deps } from '../deps.ts'
import type { School } from './school.ts'

/** What a key of a school may do. `POST /v1/schools` gives one key with all of them. */
export const SCHOOL_SCOPES = ['roster', 'agreements', 'offers', 'credentials'] as const
export type SchoolScope = (typeof SCHOOL_SCOPES)[number]

/**
 * The school whose key was sent. The tenant comes from the key; the path must name that same school, and another one is
 * answered like one that does not exist. `token` is the bearer token of the request.
 * Throws Problem 401 `unauthorized` (no key or unknown key), 403 `forbidden` (key without the scope), 404 `not-found`.
 */
export async function authenticateSchool(
  deps: Deps,
  token: string | undefined,
  slug: string,
  scope: SchoolScope,
): Promise<School> {
  const key = token === undefined ? undefined : await authenticate(deps.db, token)
  if (key === undefined) throw unauthorized()
  if (key.tenant !== slug) throw new Problem(404, 'not-found', 'There is nothing here')
  if (!key.scopes.includes(scope)) throw new Problem(403, 'forbidden', 'This key may not do this')
  const school = await deps.schools.find(slug)
  if (school === undefined) throw new Problem(404, 'not-found', 'There is nothing here')
  return school
}

/** Only the operator of the node adds schools. Throws Problem 401 `unauthorized`. */
export function assertOperator(deps: Deps, token: string | undefined): void {
  if (token === undefined || !timingSafeEqual(hashSecret(token), deps.operatorKeyHash)) throw unauthorized()
}

const unauthorized = (): Problem =>
  new Problem(401, 'unauthorized', 'A valid key is needed', { headers: { 'www-authenticate': 'Bearer' } })
