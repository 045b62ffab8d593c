import type { QueueOptions } from '@samen/pg-kit'

/** Retried for a year: longer than an agreement about a school year lasts. The registry may be away, or not know yet that the school is a member. */
export const DELIVER_AGREEMENT: QueueOptions = {
  name: 'deliver-agreement',
  retryLimit: 35_200,
  retryDelayMaxSeconds: 900,
  expireInSeconds: 60,
}

/** A registry that swallows what it is sent keeps two places, and the others have six. Its group is the node of the registry. */
export const AGREEMENTS_AT_ONCE = { concurrency: 8, perGroup: 2 }

/** Every queue of the issuer. */
export const QUEUES: readonly QueueOptions[] = [DELIVER_AGREEMENT]
