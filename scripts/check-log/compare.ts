import type { CheckFault } from './advice.ts'

const SLACK_MS = 60_000

/** Makes the fault of one request. */
export type Say = (fault: string) => CheckFault

/** Throws CheckFault when a record shows something else than was logged. */
export function assertSame(say: Say, what: string, shown: unknown, logged: unknown): void {
  if (shown !== logged) throw say(`${what} is shown otherwise than it was logged`)
}

/** For what was written down in one transaction, though not at the same instant. Throws CheckFault. */
export function assertNear(say: Say, what: string, shown: string, logged: unknown): void {
  const apart = Math.abs(Date.parse(shown) - Date.parse(String(logged)))
  if (!(apart <= SLACK_MS)) throw say(`${what} is shown otherwise than it was logged`)
}

/** A moment as the registry writes it. Throws CheckFault for every other text: no comparison with a time that is none ever fails. */
export function readInstant(say: Say, what: string, text: string): Date {
  const at = new Date(text)
  if (Number.isNaN(at.getTime()) || at.toISOString() !== text) throw say(`${what} is no time`)
  return at
}
