import { randomUUID } from 'node:crypto'
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'

export type AuditEvent = {
  /** The tenant it is about; the node itself is `-`. */
  readonly tenant: string
  readonly at: Date
  /** Who did it: a key's id, an entity id, or the name of a job. */
  readonly actor: string
  /** What was done, as a code: `school.created`. */
  readonly action: string
  /** The id of the thing it was done to. */
  readonly object: string
  /** How it ended, as a code: `ok`, `refused`, `failed`. */
  readonly outcome: string
}

/** Writes one row for one change of state, in the transaction of that change. Ids and codes only, never a claim or a text. */
export async function audit(db: Statements, event: AuditEvent): Promise<void> {
  await db.run(sql`insert into audit_event (tenant, id, at, actor, action, object, outcome)
    values (${event.tenant}, ${randomUUID()}, ${event.at}, ${event.actor}, ${event.action}, ${event.object}, ${event.outcome})`)
}
