import { json, type Statements, sql } from '@samen/pg-kit'

export const saveTrustMarks = (
  db: Statements,
  granted: { tenant: string; trustMarks: readonly string[]; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into app_membership (tenant, trust_marks, loaded_at)
    values (${granted.tenant}, ${json(granted.trustMarks)}, ${granted.at})
    on conflict (tenant) do update set trust_marks = excluded.trust_marks, loaded_at = excluded.loaded_at`)

export const saveCertificate = (
  db: Statements,
  certificate: { tenant: string; clientId: string; x5c: readonly string[]; expiresAt: Date },
): Promise<number> =>
  db.run(sql`
    insert into app_certificate (tenant, client_id, x5c, expires_at)
    values (${certificate.tenant}, ${certificate.clientId}, ${json(certificate.x5c)}, ${certificate.expiresAt})
    on conflict (tenant, client_id) do nothing`)
