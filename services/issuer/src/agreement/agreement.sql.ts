import { type Db, json, sql, type Tx } from '@samen/pg-kit'

export interface AgreementRow {
  readonly id: string
  readonly registry: string
  readonly purpose_id: string
  readonly purpose_version: number
  readonly purpose_hash: string
  readonly app: string
  readonly guardians: 'every' | 'one'
  readonly processor_agreement: { model: string; reference: string; signed_at: string }
  readonly valid_until: string
  readonly jti: string
  readonly state: 'signed' | 'delivered' | 'rejected'
}

/** False when the school has agreed to this version of this purpose before; one that the registry rejected may be tried again. */
export const insertAgreement = async (
  tx: Tx,
  tenant: string,
  row: Omit<AgreementRow, 'state'>,
  now: Date,
): Promise<boolean> =>
  (await tx.run(sql`
    insert into agreement (tenant, id, registry, purpose_id, purpose_version, purpose_hash, app, guardians,
      processor_agreement, valid_until, jti, state, created_at)
    values (${tenant}, ${row.id}, ${row.registry}, ${row.purpose_id}, ${row.purpose_version}, ${row.purpose_hash},
      ${row.app}, ${row.guardians}, ${json(row.processor_agreement)}, ${row.valid_until}, ${row.jti}, 'signed', ${now})
    on conflict (tenant, registry, purpose_id, purpose_version) do update
      set id = excluded.id, purpose_hash = excluded.purpose_hash, app = excluded.app, guardians = excluded.guardians,
        processor_agreement = excluded.processor_agreement, valid_until = excluded.valid_until, jti = excluded.jti,
        state = 'signed', created_at = excluded.created_at
      where agreement.state = 'rejected'`)) === 1

/** The agreement about one version of a purpose. */
export const readAgreementAbout = (
  tx: Tx,
  tenant: string,
  about: { registry: string; purposeId: string; purposeVersion: number },
): Promise<AgreementRow> =>
  tx.one<AgreementRow>(sql`
    select id, registry, purpose_id, purpose_version, purpose_hash, app, guardians, processor_agreement, valid_until, jti, state
    from agreement
    where tenant = ${tenant} and registry = ${about.registry} and purpose_id = ${about.purposeId}
      and purpose_version = ${about.purposeVersion}`)

/** One agreement; undefined when the school has none of that id. */
export const readAgreementRow = (db: Db, tenant: string, id: string): Promise<AgreementRow | undefined> =>
  db.maybe<AgreementRow>(sql`
    select id, registry, purpose_id, purpose_version, purpose_hash, app, guardians, processor_agreement, valid_until, jti, state
    from agreement where tenant = ${tenant} and id = ${id}`)

/** The registry has answered; false when it had answered before. */
export const markAnswered = async (
  tx: Tx,
  tenant: string,
  id: string,
  state: 'delivered' | 'rejected',
): Promise<boolean> =>
  (await tx.run(
    sql`update agreement set state = ${state} where tenant = ${tenant} and id = ${id} and state = 'signed'`,
  )) === 1

/** Who is party to an agreement in force on `today` (`YYYY-MM-DD`). */
export const listParties = (db: Db, tenant: string, today: string): Promise<{ app: string; registry: string }[]> =>
  db.many(sql`
    select distinct app, registry from agreement
    where tenant = ${tenant} and state <> 'rejected' and valid_until >= ${today}
    order by app, registry`)
