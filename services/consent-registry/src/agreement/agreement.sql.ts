import type { Agreement } from '@samen/consent'
import { json, sql, type Tx } from '@samen/pg-kit'

export type AgreementRow = {
  school: string
  school_name: string
  agreement: Agreement
  message: string
  issuedAt: Date
}

/**
 * Stores the agreement when its purpose exists with that very hash and app, and no newer agreement of the school is there: an
 * older signed object never replaces a newer one. True when stored.
 */
export const upsertAgreement = async (tx: Tx, row: AgreementRow, at: Date) => {
  const { agreement: a } = row
  const stored = await tx.run(sql`
    insert into agreement (school, purpose_id, purpose_version, school_name, app, purpose_hash, guardians, document, message,
        valid_until, issued_at, received_at)
      select ${row.school}, id, version, ${row.school_name}, app, hash, ${a.guardians}, ${json(a)}, ${row.message},
        ${a.valid_until}, ${row.issuedAt}, ${at}
      from purpose
      where id = ${a.purpose_id} and version = ${a.purpose_version} and app = ${a.app} and hash = ${a.purpose_hash}
    on conflict (school, purpose_id, purpose_version) do update
      set school_name = excluded.school_name, guardians = excluded.guardians, document = excluded.document,
        message = excluded.message, valid_until = excluded.valid_until, issued_at = excluded.issued_at,
        received_at = excluded.received_at
      where agreement.issued_at <= excluded.issued_at`)
  return stored === 1
}
