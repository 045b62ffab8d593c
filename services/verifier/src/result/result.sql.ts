import { type Statements, sql } from '@samen/pg-kit'

export interface ResultRow {
  readonly state: 'requested' | 'answering' | 'verified' | 'consent_required' | 'refused'
  readonly is_released: boolean
  readonly expires_at: Date
  readonly sealed: Buffer | null
  /** of the receipt under which the result was kept; null when it has ended or is forgotten */
  readonly list_uri: string | null
  readonly list_index: number
  readonly until: string
}

/**
 * The state, and with it the result, which this very statement deletes: of two readers one gets it. Nothing but a refusal shows before
 * it was confirmed where the request began, nor without the code that the app's browser then brought.
 */
export const takeResult = (
  db: Statements,
  { tenant, id, codeHash, now }: { tenant: string; id: string; codeHash: Buffer | null; now: Date },
): Promise<ResultRow | undefined> =>
  db.maybe<ResultRow>(sql`
    with released as (
      select tenant, id, state, expires_at,
        released_at is not null and result_code_hash is not distinct from ${codeHash} as is_released
      from presentation where tenant = ${tenant} and id = ${id}),
    taken as (
      delete from presentation_result r using released p
      where r.tenant = p.tenant and r.id = p.id and p.is_released and r.expires_at > ${now}
      returning r.tenant, r.handle, r.sealed)
    select p.state, p.is_released, p.expires_at, t.sealed, c.list_uri, c.list_index, c.until
    from released p left join taken t on true
    left join consent_receipt c on c.tenant = t.tenant and c.handle = t.handle and c.ended_at is null`)

/** A result was taken under a consent that is over: from now on the presentation reads so. */
export const markConsentRequired = (db: Statements, tenant: string, id: string): Promise<number> =>
  db.run(sql`
    update presentation set state = 'consent_required' where tenant = ${tenant} and id = ${id} and state = 'verified'`)

/** Results that nobody read in time. */
export const purgeResults = (db: Statements, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from presentation_result where tenant = ${tenant} and expires_at < ${before}`)
