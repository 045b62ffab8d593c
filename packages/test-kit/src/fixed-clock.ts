export type FixedClock = {
  readonly now: () => Date
  /** Moves the clock; negative seconds move it back. */
  readonly advance: (seconds: number) => void
}

/** A clock that stands still until told: starts at `start`, an ISO 8601 time, or else at the machine's time. */
export function fixedClock(start?: string): FixedClock {
  let milliseconds = start === undefined ? Date.now() : Date.parse(start)
  return {
    now: () => new Date(milliseconds),
    advance: (seconds) => {
      milliseconds += seconds * 1_000
    },
  }
}
