import { type Db, sql, type Tx } from '@samen/pg-kit'

export interface Redemption {
  readonly codeHash: Buffer
  /** null when the wallet sent no transaction code */
  readonly txCodeMac: Buffer | null
  /** the configurations that the wallet narrows the token to; null for all that were offered */
  readonly narrowedTo: readonly string[] | null
  readonly tokenHash: Buffer
  readonly jkt: string
  readonly tokenExpiresAt: Date
  readonly jtiHash: Buffer
  readonly jtiExpiresAt: Date
  readonly now: Date
}

export interface RedemptionRow {
  readonly offered: string[]
  readonly wants_tx_code: boolean
  readonly proof_is_fresh: boolean
  /** null when the code was not tried: the request itself was wrong, or somebody else was faster */
  readonly state: 'open' | 'redeemed' | 'dead' | null
}

/**
 * Redeems a code in one statement: the DPoP proof is remembered, the try is counted, the code is used up or the try has
 * failed, the token exists and the audit says so. No row when the code is not one that could be redeemed; then nothing is
 * stored, so that guessing codes does not fill the database.
 *
 * Parallel requests meet at the row of the offer: each sees the tries that the one before it left. RFC6749#section-5.2
 */
export const redeemOffer = (db: Db, tenant: string, r: Redemption): Promise<RedemptionRow | undefined> =>
  db.maybe<RedemptionRow>(sql`
    with found as (
      select id, configurations, tx_code_mac is not null as wants_tx_code
      from offer where tenant = ${tenant} and code_hash = ${r.codeHash} and state = 'open' and expires_at > ${r.now}
    ), proof as (
      insert into dpop_proof (tenant, jti_hash, expires_at)
      select ${tenant}, ${r.jtiHash}, ${r.jtiExpiresAt} from found
      on conflict do nothing
      returning 1
    ), tried as (
      update offer o set
        tries_left = o.tries_left - 1,
        state = case when o.tx_code_mac is not distinct from ${r.txCodeMac} then 'redeemed'
          when o.tries_left = 1 then 'dead' else 'open' end,
        redeemed_at = case when o.tx_code_mac is not distinct from ${r.txCodeMac} then ${r.now}::timestamptz end,
        sealed = case when o.tx_code_mac is distinct from ${r.txCodeMac} and o.tries_left = 1 then null else o.sealed end
      from found, proof
      where o.tenant = ${tenant} and o.id = found.id and o.state = 'open'
        and (o.tx_code_mac is null) = (${r.txCodeMac}::bytea is null)
        and coalesce(${r.narrowedTo}::text[] <@ o.configurations, true)
      returning o.id, o.state, o.configurations
    ), token as (
      insert into access_token (tenant, token_hash, offer, jkt, configurations, uses_identifiers, expires_at)
      select ${tenant}, ${r.tokenHash}, id, ${r.jkt}, coalesce(${r.narrowedTo}::text[], configurations),
        ${r.narrowedTo}::text[] is not null, ${r.tokenExpiresAt}
      from tried where state = 'redeemed'
    ), audited as (
      insert into audit_event (tenant, id, at, actor, action, object, outcome)
      select ${tenant}, gen_random_uuid(), ${r.now}, 'wallet', 'offer.redeemed', id,
        case state when 'redeemed' then 'ok' when 'dead' then 'dead' else 'refused' end
      from tried
    )
    select found.configurations as offered, found.wants_tx_code, exists (select from proof) as proof_is_fresh, tried.state
    from found left join tried on true`)

/** Tokens that expired before `before`. */
export const forgetOldTokens = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from access_token where tenant = ${tenant} and expires_at < ${before}`)

/** DPoP proofs that were of no use any more before `before`. */
export const forgetOldProofs = (db: Db, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from dpop_proof where tenant = ${tenant} and expires_at < ${before}`)

/** After the database was set back: no token of before may live on. */
export const endAllTokens = (tx: Tx, tenant: string): Promise<number> =>
  tx.run(sql`delete from access_token where tenant = ${tenant}`)
