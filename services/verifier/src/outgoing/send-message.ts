import { DELETION_RECEIPT_MESSAGE, type MessageType, PURPOSE_MESSAGE, type Purpose } from '@samen/consent'
import { audit, type Job } from '@samen/pg-kit'
import type { Deps } from '../deps.ts'
import { markPurposeAnswer } from '../purpose/mark-purpose.ts'
import { markOutgoing, type OutgoingRow, readWaiting } from './outgoing.sql.ts'
import { postToRegistry, type RegistryEndpoint } from './post-to-registry.ts'
import type { MessageJob } from './queue-message.ts'

const KINDS: Record<OutgoingRow['kind'], { type: MessageType; endpoint: RegistryEndpoint }> = {
  purpose: { type: PURPOSE_MESSAGE, endpoint: 'purpose_endpoint' },
  deletion: { type: DELETION_RECEIPT_MESSAGE, endpoint: 'deletion_receipt_endpoint' },
}

/** The message can never be accepted. Everything else, such as 403 before we are a member or 503, may be different later. */
const FINAL = new Set([400, 409, 413, 415, 422])

/**
 * Sends one message of the outbox. 2xx, and 409 for an id that the registry has seen, are delivery; an answer that cannot change is
 * recorded as rejected; after anything else it throws, and the job is tried again with growing delays.
 */
export async function sendMessage(deps: Deps, { data: { tenant, id } }: Job<MessageJob>): Promise<void> {
  const app = await deps.apps.find(tenant)
  const db = deps.db.forTenant(tenant)
  const message = await readWaiting(db, tenant, id)
  if (app === undefined || message === undefined) return
  const { type, endpoint } = KINDS[message.kind]
  const { status, body } = await postToRegistry(deps, app, endpoint, { type, jti: id, body: message.body })
  const delivered = (status >= 200 && status < 300) || (status === 409 && isKnown(body))
  if (!delivered && !FINAL.has(status)) throw new Error('the registry did not take the message')
  const state = delivered ? 'delivered' : 'rejected'
  await db.transaction(async (tx) => {
    await markOutgoing(tx, { tenant, id, state })
    if (message.kind === 'purpose') await markPurposeAnswer(tx, tenant, message.body['purpose'] as Purpose, delivered)
    const event = { tenant, at: deps.now(), actor: 'outbox', action: `message.${message.kind}`, object: id }
    await audit(tx, { ...event, outcome: state })
  })
  if (message.kind === 'purpose') deps.purposes.forget(app, (message.body['purpose'] as unknown as Purpose).id)
}

function isKnown(body: string): boolean {
  return /"error"\s*:\s*"already_received"/.test(body.slice(0, 1_000))
}
