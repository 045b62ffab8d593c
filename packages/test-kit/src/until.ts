import { setTimeout as pause } from 'node:timers/promises'

/** Far longer than anything takes on a machine with ten times too much to do: only a fault takes longer. */
const AT_MOST_MS = 60_000
const LOOK_EVERY_MS = 10

/** Waits until something holds that happens by itself. Throws Error with `what` when it never does. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + AT_MOST_MS
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it never happened: ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}
