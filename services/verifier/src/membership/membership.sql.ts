import { json, type Statements, sql } from '@samen/pg-kit'

/** What the trust anchor last said about the app as a member. */
export const saveMembership = (
  db: Statements,
  granted: { tenant: string; trustMarks: readonly string[]; memberUntil: Date; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into app_membership (tenant, trust_marks, member_until, loaded_at)
    values (${granted.tenant}, ${json(granted.trustMarks)}, ${granted.memberUntil}, ${granted.at})
    on conflict (tenant) do update
      set trust_marks = excluded.trust_marks, member_until = excluded.member_until, loaded_at = excluded.loaded_at`)

/** The anchor grants nothing any more. True, with an audit event, when it did before. */
export const endMembership = async (db: Statements, tenant: string, at: Date): Promise<boolean> =>
  (await db.run(sql`
    with ended as (
      update app_membership set trust_marks = '[]', member_until = null, loaded_at = ${at}
      where tenant = ${tenant} and member_until is not null returning tenant)
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select tenant, gen_random_uuid(), ${at}, 'trust-anchor', 'app.expelled', tenant, 'ok' from ended`)) === 1

/** A certificate of the request key. One that is known stays as it is: links that name it are under way. */
export const saveCertificate = (
  db: Statements,
  certificate: { tenant: string; clientId: string; x5c: readonly string[]; expiresAt: Date },
): Promise<number> =>
  db.run(sql`
    insert into app_certificate (tenant, client_id, x5c, expires_at)
    values (${certificate.tenant}, ${certificate.clientId}, ${json(certificate.x5c)}, ${certificate.expiresAt})
    on conflict (tenant, client_id) do nothing`)
