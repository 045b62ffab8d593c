import type { FactName } from '@samen/consent'
import type { DcqlQuery } from '@samen/openid4vp'
import { json, type Statements, sql } from '@samen/pg-kit'

export interface NewRequest {
  readonly tenant: string
  readonly id: string
  readonly requestHash: Buffer
  readonly nonceHash: Buffer
  readonly stateHash: Buffer
  readonly sealedSecrets: Buffer
  readonly clientId: string
  readonly purposeId: string
  readonly purposeVersion: number
  readonly query: DcqlQuery
  readonly facts: readonly FactName[]
  readonly handle: string | undefined
  readonly returnUrl: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** The request and its audit event in one statement. */
export const insertRequest = (db: Statements, request: NewRequest): Promise<number> =>
  db.run(sql`
    with made as (
      insert into presentation (tenant, id, request_hash, nonce_hash, state_hash, sealed_secrets, client_id, purpose_id,
        purpose_version, query, facts, handle, state, return_url, created_at, expires_at)
      values (${request.tenant}, ${request.id}, ${request.requestHash}, ${request.nonceHash}, ${request.stateHash},
        ${request.sealedSecrets}, ${request.clientId}, ${request.purposeId}, ${request.purposeVersion},
        ${json(request.query)}, ${json(request.facts)}, ${request.handle ?? null}, 'requested',
        ${request.returnUrl ?? null}, ${request.createdAt}, ${request.expiresAt})
      returning tenant, id, created_at)
    insert into audit_event (tenant, id, at, actor, action, object, outcome)
    select tenant, gen_random_uuid(), created_at, 'app', 'presentation.requested', id, 'ok' from made`)

export interface RequestRow {
  readonly id: string
  readonly sealed_secrets: Buffer
  readonly client_id: string
  readonly x5c: string[]
  readonly query: DcqlQuery
  readonly facts: FactName[]
  readonly created_at: Date
  readonly expires_at: Date
}

/** A request that still waits for its answer, by the id in the wallet's URLs. */
export const readOpenRequest = (
  db: Statements,
  request: { tenant: string; requestHash: Buffer; now: Date },
): Promise<RequestRow | undefined> =>
  db.maybe<RequestRow>(sql`
    select p.id, p.sealed_secrets, p.client_id, c.x5c, p.query, p.facts, p.created_at, p.expires_at
    from presentation p join app_certificate c on c.tenant = p.tenant and c.client_id = p.client_id
    where p.tenant = ${request.tenant} and p.request_hash = ${request.requestHash} and p.state = 'requested'
      and p.expires_at > ${request.now}`)

/** Whether a request waits for its answer at this moment, whichever process has it in memory. */
export const isStillOpen = async (
  db: Statements,
  request: { tenant: string; requestHash: Buffer; now: Date },
): Promise<boolean> =>
  (await db.maybe(sql`
    select id from presentation
    where tenant = ${request.tenant} and request_hash = ${request.requestHash} and state = 'requested'
      and expires_at > ${request.now}`)) !== undefined

/** Requests whose time is over for so long that nobody asks for their state any more. */
export const purgeRequests = (db: Statements, tenant: string, before: Date): Promise<number> =>
  db.run(sql`delete from presentation where tenant = ${tenant} and expires_at < ${before}`)
