import { json, type Statements, sql } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'

export type OutgoingState = 'waiting' | 'delivered' | 'rejected' | 'given_up'

export interface OutgoingRow {
  readonly kind: 'purpose' | 'deletion'
  readonly body: JsonObject
}

/** Queues a message for the registry in the transaction of what it tells. */
export const insertOutgoing = (
  db: Statements,
  message: { tenant: string; id: string; kind: OutgoingRow['kind']; body: JsonObject; at: Date },
): Promise<number> =>
  db.run(sql`
    insert into outgoing_message (tenant, id, kind, body, state, created_at)
    values (${message.tenant}, ${message.id}, ${message.kind}, ${json(message.body)}, 'waiting', ${message.at})`)

/** A message that still has to go out. */
export const readWaiting = (db: Statements, tenant: string, id: string): Promise<OutgoingRow | undefined> =>
  db.maybe<OutgoingRow>(sql`
    select kind, body from outgoing_message where tenant = ${tenant} and id = ${id} and state = 'waiting'`)

/** What became of a message; the first answer counts. */
export const markOutgoing = (
  db: Statements,
  message: { tenant: string; id: string; state: OutgoingState },
): Promise<number> =>
  db.run(sql`
    update outgoing_message set state = ${message.state}
    where tenant = ${message.tenant} and id = ${message.id} and state = 'waiting'`)

export interface OpenMessageRow extends OutgoingRow {
  readonly id: string
  readonly state: Exclude<OutgoingState, 'delivered'>
  readonly created_at: Date
}

/** What the registry has not taken, newest first. */
export const readOpenMessages = (db: Statements, tenant: string, limit: number): Promise<OpenMessageRow[]> =>
  db.many<OpenMessageRow>(sql`
    select id, kind, body, state, created_at from outgoing_message
    where tenant = ${tenant} and state <> 'delivered' order by created_at desc, id desc limit ${limit}`)
