export type RunningTimers = {
  readonly every: (name: string, seconds: number, task: () => Promise<void>) => void
  readonly stop: () => Promise<void>
}

/** Timers that never run a task twice at once, hand every error to `onError`, and wait for running tasks at the end. */
export function startTimers(onError: (name: string, cause: unknown) => void): RunningTimers {
  const timers = new Set<NodeJS.Timeout>()
  const running = new Map<string, Promise<void>>()
  const runOnce = async (name: string, task: () => Promise<void>): Promise<void> => {
    try {
      await task()
    } catch (cause) {
      onError(name, cause)
    } finally {
      running.delete(name)
    }
  }
  return {
    every: (name, seconds, task) => {
      const tick = () => {
        if (!running.has(name)) running.set(name, runOnce(name, task))
      }
      timers.add(setInterval(tick, seconds * 1_000))
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}
