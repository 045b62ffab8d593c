import {
  DELETION_RECEIPT_MESSAGE,
  type MessageType,
  messageOutcome,
  PURPOSE_MESSAGE,
  type Purpose,
} from '@samen/consent'
import { TrustError } from '@samen/federation'
import { FetchError } from '@samen/http-kit'
import { audit, type Job } from '@samen/pg-kit'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { markPurposeAnswer } from '../purpose/mark-purpose.ts'
import { MESSAGE_RETRIES } from '../queues.ts'
import { markOutgoing, type OutgoingRow, type OutgoingState, readWaiting } from './outgoing.sql.ts'
import { postToRegistry, type RegistryEndpoint } from './post-to-registry.ts'
import type { MessageJob } from './queue-message.ts'

const KINDS: Record<OutgoingRow['kind'], { type: MessageType; endpoint: RegistryEndpoint }> = {
  purpose: { type: PURPOSE_MESSAGE, endpoint: 'purpose_endpoint' },
  deletion: { type: DELETION_RECEIPT_MESSAGE, endpoint: 'deletion_receipt_endpoint' },
}

/**
 * Sends one message of the outbox, and records what became of it when that is final. After anything else it throws, and the job is tried
 * again with growing delays; after the last try the message is given up, which the app can see.
 */
export async function sendMessage(deps: Deps, { data: { tenant, id }, retries }: Job<MessageJob>): Promise<void> {
  const app = await deps.apps.find(tenant)
  const message = await readWaiting(deps.db.forTenant(tenant), tenant, id)
  if (app === undefined || message === undefined) return
  const outcome = await outcomeOf(deps, app, id, message)
  if (outcome !== 'again') return record(deps, app, id, message, outcome)
  if (retries < MESSAGE_RETRIES) throw new Error('the registry did not take the message')
  return record(deps, app, id, message, 'given_up')
}

async function outcomeOf(deps: Deps, app: AppTenant, jti: string, { kind, body }: OutgoingRow) {
  const { type, endpoint } = KINDS[kind]
  try {
    return messageOutcome(await postToRegistry(deps, app, endpoint, { type, jti, body }))
  } catch (error) {
    if (error instanceof TrustError || error instanceof FetchError) return 'again'
    throw error
  }
}

async function record(
  deps: Deps,
  app: AppTenant,
  id: string,
  message: OutgoingRow,
  state: Exclude<OutgoingState, 'waiting'>,
): Promise<void> {
  const tenant = app.slug
  const purpose = message.kind === 'purpose' ? (message.body['purpose'] as unknown as Purpose) : undefined
  await deps.db.forTenant(tenant).transaction(async (tx) => {
    await markOutgoing(tx, { tenant, id, state })
    if (purpose !== undefined && state !== 'given_up')
      await markPurposeAnswer(tx, tenant, purpose, state === 'delivered')
    const event = { tenant, at: deps.now(), actor: 'outbox', action: `message.${message.kind}`, object: id }
    await audit(tx, { ...event, outcome: state })
  })
  if (purpose !== undefined) deps.purposes.forget(app, purpose.id)
}
