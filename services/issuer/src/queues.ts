import type { QueueOptions } from '@samen/pg-kit'

/** Retried for about a day; the registry may be away, or not have heard yet that the school is a member. */
export const DELIVER_AGREEMENT: QueueOptions = {
  name: 'deliver-agreement',
  retryLimit: 100,
  retryDelayMaxSeconds: 900,
  expireInSeconds: 60,
}

/** Every queue of the issuer. */
export const QUEUES: readonly QueueOptions[] = [DELIVER_AGREEMENT]
