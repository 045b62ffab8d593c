import { type Statements, sql } from '@samen/pg-kit'

export interface ResultRow {
  readonly state: 'requested' | 'answering' | 'verified' | 'consent_required' | 'refused'
  readonly is_released: boolean
  readonly expires_at: Date
  readonly sealed: Buffer | null
}

/**
 * The state, and with it the result, which this very statement deletes: of two readers one gets it. On the same device nothing but a
 * refusal shows before the browser that began has come back.
 */
export const takeResult = (
  db: Statements,
  { tenant, id, now }: { tenant: string; id: string; now: Date },
): Promise<ResultRow | undefined> =>
  db.maybe<ResultRow>(sql`
    with released as (
      select tenant, id, state, expires_at, device = 'cross' or released_at is not null as is_released
      from presentation where tenant = ${tenant} and id = ${id}),
    taken as (
      delete from presentation_result r using released p
      where r.tenant = p.tenant and r.id = p.id and p.is_released and r.expires_at > ${now}
      returning r.sealed)
    select state, is_released, expires_at, (select sealed from taken) as sealed from released`)

/** Results that nobody read in time. */
export const purgeResults = (db: Statements, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from presentation_result where tenant = ${tenant} and expires_at < ${before}`)
