import type { FactName } from '@samen/consent'
import { type Statements, sql } from '@samen/pg-kit'

export interface PageRow {
  readonly state: 'requested' | 'answering' | 'verified' | 'consent_required' | 'refused'
  readonly created_at: Date
  readonly client_id: string
  readonly sealed_secrets: Buffer | null
  readonly expires_at: Date
  readonly is_released: boolean
  readonly is_session: boolean
}

/**
 * What the page shows. The first browser that opens it becomes the session of the request: its cookie's hash is kept, and no other
 * browser gets the link any more.
 */
export const openPage = (
  db: Statements,
  page: { tenant: string; id: string; sessionHash: Buffer; now: Date },
): Promise<PageRow | undefined> =>
  db.maybe<PageRow>(sql`
    with begun as (
      update presentation set session_hash = ${page.sessionHash}
      where tenant = ${page.tenant} and id = ${page.id} and session_hash is null and return_url is not null
        and state = 'requested' and expires_at > ${page.now} returning id)
    select state, client_id, sealed_secrets, created_at, expires_at, released_at is not null as is_released,
      session_hash is not distinct from ${page.sessionHash} or exists (select 1 from begun) as is_session
    from presentation where tenant = ${page.tenant} and id = ${page.id} and return_url is not null`)

type Back = { tenant: string; id: string; sessionHash: Buffer; resultCodeHash: Buffer; now: Date }

/**
 * The way back into the session: releases the result when the code is the one that the wallet was given, the cookie the one that began,
 * neither was used before, and the answer has not waited for too long. Returns where the browser goes next, or no row.
 */
export const releaseByCode = (
  db: Statements,
  back: Back & { codeHash: Buffer; since: Date },
): Promise<{ return_url: string } | undefined> =>
  db.maybe<{ return_url: string }>(sql`
    update presentation set released_at = ${back.now}, result_code_hash = ${back.resultCodeHash}
    where tenant = ${back.tenant} and id = ${back.id} and released_at is null
      and response_code_hash = ${back.codeHash} and session_hash = ${back.sessionHash}
      and answered_at > ${back.since}
    returning return_url`)

/** The same for a number that fitted; `sessionHash` null where the app itself shows the code and took the number. */
export const releaseByNumber = (
  db: Statements,
  back: Omit<Back, 'sessionHash' | 'resultCodeHash'> & { resultCodeHash: Buffer | null },
): Promise<{ return_url: string | null } | undefined> =>
  db.maybe<{ return_url: string | null }>(sql`
    update presentation set released_at = ${back.now}, result_code_hash = ${back.resultCodeHash}
    where tenant = ${back.tenant} and id = ${back.id} and released_at is null
    returning return_url`)

/** What the device with the wallet shows, by the code that the wallet was given. */
export const readAnswered = (
  db: Statements,
  answered: { tenant: string; id: string; codeHash: Buffer; since: Date },
): Promise<{ state: string; facts: FactName[] } | undefined> =>
  db.maybe<{ state: string; facts: FactName[] }>(sql`
    select state, facts from presentation
    where tenant = ${answered.tenant} and id = ${answered.id} and released_at is null
      and response_code_hash = ${answered.codeHash} and answered_at > ${answered.since}`)

/**
 * Counts one number typed, before it is looked at. `sessionHash` is the browser that must have begun on our page, or null where the app
 * itself shows the code and takes the number. False when nothing waits for one there, or no longer.
 */
export const countPairingTry = async (
  db: Statements,
  typed: { tenant: string; id: string; sessionHash: Buffer | null; mostTries: number; since: Date },
): Promise<boolean> =>
  (await db.run(sql`
    update presentation set pairing_tries = pairing_tries + 1
    where tenant = ${typed.tenant} and id = ${typed.id} and released_at is null and response_code_hash is not null
      and session_hash is not distinct from ${typed.sessionHash}
      and (return_url is null) = (${typed.sessionHash}::bytea is null)
      and pairing_tries < ${typed.mostTries} and answered_at > ${typed.since}`)) === 1
