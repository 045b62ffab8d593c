import type { QueueOptions } from '@samen/pg-kit'

export const MESSAGE_QUEUE = 'registry-messages'
export const WEBHOOK_QUEUE = 'webhooks'

/** At most every ten minutes: a registry may be away for two weeks, a webhook for three days, before we give up. */
const OUTBOX = { retryDelayMaxSeconds: 600, expireInSeconds: 30 }

/** About two weeks; then the message is given up. */
export const MESSAGE_RETRIES = 2_000

/** A registry that swallows what it is sent keeps four places for as long as it is waited for, and the others have twelve. */
export const MESSAGES_AT_ONCE = { concurrency: 16, perGroup: 4 }

/** Two for each address: an app whose ten addresses all swallow what they are sent leaves places for the other apps. */
export const WEBHOOKS_AT_ONCE = { concurrency: 24, perGroup: 2 }

/** Every queue of the verifier. */
export const QUEUES: readonly QueueOptions[] = [
  { name: MESSAGE_QUEUE, retryLimit: MESSAGE_RETRIES, ...OUTBOX },
  { name: WEBHOOK_QUEUE, retryLimit: 430, ...OUTBOX },
]
