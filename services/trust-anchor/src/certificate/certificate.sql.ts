import type { PublicJwk } from '@samen/jwt-profile'
import { json, type Statements, sql } from '@samen/pg-kit'

export interface CertificateRow {
  readonly entity_id: string
  readonly kid: string
  readonly public_jwk: PublicJwk
  readonly x5c: readonly string[]
  readonly expires_at: Date
}

/** The certificates of members. */
export const readCertificates = (db: Statements): Promise<CertificateRow[]> =>
  db.many<CertificateRow>(sql`
    select c.entity_id, c.kid, c.public_jwk, c.x5c, c.expires_at from certificate c
    join member m on m.entity_id = c.entity_id and m.expelled_at is null
    order by c.entity_id, c.kid`)

/** The certificates of members that end before `before`, with the member's name. */
export const readEndingCertificates = (db: Statements, before: Date): Promise<(CertificateRow & { name: string })[]> =>
  db.many<CertificateRow & { name: string }>(sql`
    select c.entity_id, c.kid, c.public_jwk, c.x5c, c.expires_at, m.name from certificate c
    join member m on m.entity_id = c.entity_id and m.expelled_at is null
    where c.expires_at < ${before} order by c.expires_at limit 500`)

export const saveCertificate = (db: Statements, certificate: CertificateRow): Promise<number> =>
  db.run(sql`
    insert into certificate (entity_id, kid, public_jwk, x5c, expires_at)
    values (${certificate.entity_id}, ${certificate.kid}, ${json(certificate.public_jwk)}, ${json(certificate.x5c)},
      ${certificate.expires_at})
    on conflict (entity_id, kid) do update set public_jwk = excluded.public_jwk, x5c = excluded.x5c,
      expires_at = excluded.expires_at`)
