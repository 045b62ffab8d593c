import type { Job, PgBoss } from 'pg-boss'

/** How many jobs of a queue one process does at once: in all, and of one group, the recipient for instance. */
export type JobLimits = { readonly concurrency: number; readonly perGroup: number }

export type JobTaker = {
  /** Looks for jobs now and not at the next look. */
  readonly wake: () => void
  /** Takes no more, and waits for those in hand. */
  readonly stop: () => Promise<void>
}

const LOOK_EVERY_MS = 500

/**
 * Takes the jobs of one queue, the oldest first, and does each by itself: one that hangs holds up none that came later. A group that has
 * as many jobs in hand as it may is left out, so that a recipient which swallows everything takes no more than its places from the others.
 * `run` never rejects.
 */
export function takeJobs<Data extends object>(
  boss: Pick<PgBoss, 'fetch'>,
  queue: string,
  limits: JobLimits,
  { run, onError }: { run: (job: Job<Data>) => Promise<void>; onError: (cause: unknown) => void },
): JobTaker {
  const inHand = createHand(limits)
  let isStopping = false
  let isAsked = false
  let isLooking = false
  let looking: Promise<void> = Promise.resolve()
  const take = async (): Promise<boolean> => {
    const [job] = await boss.fetch<Data>(queue, { batchSize: 1, ignoreGroups: inHand.fullGroups() })
    if (job !== undefined) inHand.hold(job.groupId ?? undefined, run(job), wake)
    return job !== undefined
  }
  const fillHand = async (): Promise<void> => {
    while (!isStopping && inHand.hasRoom()) if (!(await take())) return
  }
  const look = async (): Promise<void> => {
    isLooking = true
    try {
      while (isAsked && !isStopping) {
        isAsked = false
        await fillHand()
      }
    } catch (cause) {
      onError(cause)
    } finally {
      isLooking = false
    }
  }
  // Who wakes a look that is under way has it look once more: what came after its last question is not missed.
  const wake = (): void => {
    isAsked = true
    if (!isLooking) looking = look()
  }
  const timer = setInterval(wake, LOOK_EVERY_MS)
  wake()
  return {
    wake,
    stop: async () => {
      isStopping = true
      clearInterval(timer)
      await looking
      await inHand.empty()
    },
  }
}

/** The jobs that are being done, counted by group; a job without one counts only among all. */
function createHand({ concurrency, perGroup }: JobLimits) {
  const groups = new Map<string, number>()
  const running = new Set<Promise<void>>()
  const count = (group: string | undefined, more: 1 | -1): void => {
    if (group === undefined) return
    const now = (groups.get(group) ?? 0) + more
    if (now === 0) groups.delete(group)
    else groups.set(group, now)
  }
  return {
    hasRoom: () => running.size < concurrency,
    fullGroups: () => [...groups].flatMap(([group, held]) => (held >= perGroup ? [group] : [])),
    hold: (group: string | undefined, work: Promise<void>, onFree: () => void): void => {
      count(group, 1)
      const held = work.then(() => {
        running.delete(held)
        count(group, -1)
        onFree()
      })
      running.add(held)
    },
    empty: async () => void (await Promise.all(running)),
  }
}
