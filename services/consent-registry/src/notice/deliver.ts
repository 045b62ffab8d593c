import { messageOutcome } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { QUEUES } from '../queues.ts'

type Message = { readonly url: string; readonly contentType: string; readonly body: string }

/**
 * Posts a message of a queue. True when the receiver has it, now or from before; false when it refused for good what the message says,
 * which the operator reads in the log: sending it again for a month would change nothing. Throws for every other answer, to be retried.
 */
export async function deliver(
  deps: Pick<Deps, 'fetcher' | 'log'>,
  queue: keyof typeof QUEUES,
  { url, contentType, body }: Message,
): Promise<boolean> {
  // SETPUSH#section-2.1: what a refusal says can be read.
  const reply = await deps.fetcher.post(url, { contentType, body, headers: { accept: 'application/json' } })
  const outcome = messageOutcome(reply)
  const { status } = reply
  if (outcome === 'again') throw new Error(`the receiver answered ${status}`)
  if (outcome === 'rejected') {
    deps.log.warn({ queue: QUEUES[queue].name, outcome, status }, 'a receiver refused a message for good')
  }
  return outcome === 'delivered'
}
