import type { Deps } from '../deps.ts'
import type { School } from '../school/school.ts'
import { readIssuances } from './credential.sql.ts'

/** One answer to a credential request, as the school sees it. */
export interface Issued {
  readonly id: string
  readonly credential: string
  readonly copies: number
  readonly state: 'intended' | 'delivered' | 'revoked'
  readonly issued_at: string
  readonly reported?: string
}

/** What was issued on one offer, oldest first. */
export async function readIssued(deps: Deps, school: School, offerId: string): Promise<Issued[]> {
  const rows = await readIssuances(deps.db.forTenant(school.slug), school.slug, offerId)
  return rows.map((row) => ({
    id: row.id,
    credential: row.configuration,
    copies: row.copies,
    state: row.state,
    issued_at: row.intended_at.toISOString(),
    ...(row.event !== null && { reported: row.event }),
  }))
}
