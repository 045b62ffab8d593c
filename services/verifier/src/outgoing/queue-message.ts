import type { Tx } from '@samen/pg-kit'
import type { JsonObject } from '@samen/strict-json'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { MESSAGE_QUEUE } from '../queues.ts'
import { insertOutgoing, type OutgoingRow } from './outgoing.sql.ts'

/** What the job carries: which message. The text stays in the row, the key in memory. */
export interface MessageJob {
  readonly tenant: string
  readonly id: string
}

/**
 * Writes a message to the app's registry into the outbox, in the transaction of what it tells about: it is sent if and only if that
 * happened. `body` holds the member of its kind.
 */
export async function queueMessage(
  deps: Deps,
  tx: Tx,
  app: AppTenant,
  message: { kind: OutgoingRow['kind']; body: unknown },
): Promise<void> {
  const id = deps.random(16).toString('base64url')
  await insertOutgoing(tx, {
    tenant: app.slug,
    id,
    kind: message.kind,
    body: message.body as JsonObject,
    at: deps.now(),
  })
  const group = new URL(app.registry).origin
  await deps.jobs.send(tx, MESSAGE_QUEUE, { tenant: app.slug, id } satisfies MessageJob, { group })
}
