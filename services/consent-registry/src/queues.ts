import type { QueueOptions } from '@samen/pg-kit'

/** An app that is away for a month still gets its message: the delay doubles up to an hour. */
const untilDelivered = { retryLimit: 740, retryDelayMaxSeconds: 3_600, expireInSeconds: 30 }

/**
 * What goes outward. Each job is written in the transaction of its cause and holds a handle and a message id; its group is the node that
 * gets it.
 */
export const QUEUES = {
  receipt: { name: 'receipt', ...untilDelivered },
  notice: { name: 'withdrawal-notice', ...untilDelivered },
} as const satisfies Record<string, QueueOptions>

/** A node that swallows what it is sent keeps four places for as long as it is waited for, and the others have twelve. */
export const AT_ONCE = { concurrency: 16, perGroup: 4 }

export type Delivery = { handle: string; jti: string }
