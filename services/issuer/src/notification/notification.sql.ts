import type { NotificationEvent } from '@samen/openid4vci'
import { sql, type Tx } from '@samen/pg-kit'

export interface Notification {
  readonly tokenHash: Buffer
  readonly jkt: string
  readonly jtiHash: Buffer
  readonly jtiExpiresAt: Date
  readonly notificationHash: Buffer
  readonly event: NotificationEvent
  readonly now: Date
}

export interface NotificationRow {
  readonly proof_is_fresh: boolean
  /** null when the id is unknown or belongs to another token */
  readonly issuance: string | null
}

/** Remembers the DPoP proof and the event in one statement. No row when there is no such token. VCI#notification-endpoint */
export const recordEvent = (tx: Tx, tenant: string, n: Notification): Promise<NotificationRow | undefined> =>
  tx.maybe<NotificationRow>(sql`
    with token as (
      select offer from access_token
      where tenant = ${tenant} and token_hash = ${n.tokenHash} and jkt = ${n.jkt} and expires_at > ${n.now}
    ), proof as (
      insert into dpop_proof (tenant, jti_hash, expires_at)
      select ${tenant}, ${n.jtiHash}, ${n.jtiExpiresAt} from token
      on conflict do nothing
      returning 1
    ), noted as (
      update issuance i set event = ${n.event}
      from token, proof
      where i.tenant = ${tenant} and i.notification_hash = ${n.notificationHash} and i.offer = token.offer
      returning i.id
    )
    select exists (select from proof) as proof_is_fresh, noted.id as issuance from token left join noted on true`)
