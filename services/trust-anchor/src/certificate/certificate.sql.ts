import type { PublicJwk } from '@samen/jwt-profile'
import { json, type Statements, sql, type Tx } from '@samen/pg-kit'

/** A key that is to be certified; `kid` is its thumbprint. */
export interface ProtocolKey {
  readonly kid: string
  readonly public_jwk: PublicJwk
}

export interface WantedCertificate extends ProtocolKey {
  readonly entity_id: string
  /** names the intent: a later one is another */
  readonly wanted_at: Date
  /** the member's name */
  readonly name: string
}

/** The intent to certify a key. A certificate that lives past `liveUntil` is kept: admitting a member twice changes nothing. */
export const wantCertificate = (tx: Tx, entityId: string, key: ProtocolKey, at: Date, liveUntil: Date) =>
  tx.run(sql`
    insert into certificate (entity_id, kid, public_jwk, wanted_at)
    values (${entityId}, ${key.kid}, ${json(key.public_jwk)}, ${at})
    on conflict (entity_id, kid) do update set wanted_at = excluded.wanted_at
      where certificate.wanted_at is null and certificate.expires_at <= ${liveUntil}`)

/** Certificates of keys that the member no longer publishes are neither served nor renewed. */
export const dropOtherCertificates = (tx: Tx, entityId: string, kids: readonly string[]) =>
  tx.run(sql`delete from certificate where entity_id = ${entityId} and kid <> all(${[...kids]}::text[])`)

/** The intent to replace what ends before `before`. Returns how many. */
export const wantRenewals = (tx: Tx, at: Date, before: Date) =>
  tx.run(sql`
    update certificate c set wanted_at = ${at} from member m
    where m.entity_id = c.entity_id and m.expelled_at is null and c.wanted_at is null and c.expires_at <= ${before}`)

/** Keys of members that wait for a certificate, those that wait longest first. */
export const readWanted = (db: Statements) =>
  db.many<WantedCertificate>(sql`
    select c.entity_id, c.kid, c.public_jwk, c.wanted_at, m.name from certificate c
    join member m on m.entity_id = c.entity_id and m.expelled_at is null
    where c.wanted_at is not null order by c.wanted_at limit 100`)

/**
 * Fulfils an intent once, and says that the directory has changed: of two processes that signed for it, or after an expulsion, the
 * certificate of one or none counts. True when it was this one.
 */
export const fillCertificate = async (tx: Tx, wanted: WantedCertificate, x5c: readonly string[], expiresAt: Date) =>
  (await tx.run(sql`
    with filled as (
      update certificate c set x5c = ${json(x5c)}, expires_at = ${expiresAt}, wanted_at = null from member m
      where c.entity_id = ${wanted.entity_id} and c.kid = ${wanted.kid} and c.wanted_at = ${wanted.wanted_at}
        and m.entity_id = c.entity_id and m.expelled_at is null
      returning 1)
    update directory set version = version + 1 where exists (select from filled)`)) === 1
