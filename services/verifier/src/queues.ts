import type { QueueOptions } from '@samen/pg-kit'

export const MESSAGE_QUEUE = 'registry-messages'
export const WEBHOOK_QUEUE = 'webhooks'

/** At most every ten minutes: a registry may be away for two weeks, a webhook for three days, before we give up. */
const OUTBOX = { retryDelayMaxSeconds: 600, expireInSeconds: 30 }

/** About two weeks; then the message is given up. */
export const MESSAGE_RETRIES = 2_000

/** Every queue of the verifier. */
export const QUEUES: readonly QueueOptions[] = [
  { name: MESSAGE_QUEUE, retryLimit: MESSAGE_RETRIES, ...OUTBOX },
  { name: WEBHOOK_QUEUE, retryLimit: 430, ...OUTBOX },
]
