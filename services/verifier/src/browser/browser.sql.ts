import { type Statements, sql } from '@samen/pg-kit'

export interface PageRow {
  readonly state: 'requested' | 'answering' | 'verified' | 'consent_required' | 'refused'
  readonly device: 'same' | 'cross'
  readonly client_id: string
  readonly sealed_secrets: Buffer | null
  readonly expires_at: Date
  readonly is_session: boolean
}

/**
 * What the page shows. The first browser that opens the page of a request for the same device becomes its session: its cookie's hash is
 * kept, and no other browser gets the link any more.
 */
export const openPage = (
  db: Statements,
  page: { tenant: string; id: string; sessionHash: Buffer; now: Date },
): Promise<PageRow | undefined> =>
  db.maybe<PageRow>(sql`
    with begun as (
      update presentation set session_hash = ${page.sessionHash}
      where tenant = ${page.tenant} and id = ${page.id} and device = 'same' and session_hash is null
        and state = 'requested' and expires_at > ${page.now} returning id)
    select state, device, client_id, sealed_secrets, expires_at,
      session_hash is not distinct from ${page.sessionHash} or exists (select 1 from begun) as is_session
    from presentation where tenant = ${page.tenant} and id = ${page.id}`)

/**
 * The way back into the session: releases the result when the code is the one that the wallet was given, the cookie the one that began,
 * and neither was used before. Returns where the browser goes next, or no row.
 */
export const releaseResult = (
  db: Statements,
  back: { tenant: string; id: string; sessionHash: Buffer; codeHash: Buffer; now: Date },
): Promise<{ return_url: string | null } | undefined> =>
  db.maybe<{ return_url: string | null }>(sql`
    update presentation set released_at = ${back.now}
    where tenant = ${back.tenant} and id = ${back.id} and device = 'same' and released_at is null
      and response_code_hash = ${back.codeHash} and session_hash = ${back.sessionHash}
    returning return_url`)
