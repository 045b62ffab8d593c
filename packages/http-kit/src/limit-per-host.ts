import { FetchError } from './fetch-error.ts'

const AT_ONCE = 8
const WAITING = 100

/** Runs tasks with at most 8 for one host at once; 100 more may wait until `signal` ends, others get `FetchError` `busy`. */
export function createHostLimit() {
  const hosts = new Map<string, { running: number; waiting: (() => void)[] }>()
  return async <T>(host: string, signal: AbortSignal, task: () => Promise<T>): Promise<T> => {
    const slots = hosts.get(host) ?? { running: 0, waiting: [] }
    hosts.set(host, slots)
    if (slots.running >= AT_ONCE) await turn(slots.waiting, signal)
    else slots.running++
    try {
      return await task()
    } finally {
      const next = slots.waiting.shift()
      // The slot goes from hand to hand: nobody can slip in between.
      if (next) next()
      else if (--slots.running === 0) hosts.delete(host)
    }
  }
}

async function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  if (waiting.length >= WAITING) throw new FetchError('busy')
  await new Promise<void>((resolve, reject) => {
    const giveUp = () => {
      waiting.splice(waiting.indexOf(go), 1)
      reject(new FetchError('timeout'))
    }
    const go = () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    signal.addEventListener('abort', giveUp, { once: true })
    waiting.push(go)
  })
}
