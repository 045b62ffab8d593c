/** How many, of how many there are. */
export interface Share {
  readonly count: number
  readonly of: number
}

/** What the register has and the delivery says is no longer so. */
export interface Missing {
  /** pupils whom no file names any more */
  readonly pupils: Share
  /** pairs of a pupil and somebody with authority, of pupils who stay */
  readonly guardianships: Share
  /** pupils who had a class */
  readonly classes: Share
  /** pupils of whom was known how old they are */
  readonly ages: Share
}

/** What the delivery itself should say about its pupils and does not. Nothing is taken away for it. */
export interface Gaps {
  /** named as a pupil, without a usable row in users.csv or roles.csv */
  readonly pupils: Share
  /** pupils whose row names a holder of authority who is not in the delivery */
  readonly guardians: Share
  /** pupils without any usable enrolment */
  readonly enrolments: Share
  /** pupils without a usable row in demographics.csv, when that file came */
  readonly ages: Share
}

export interface Findings {
  readonly missing: Missing
  readonly gaps: Gaps
}

interface Bound {
  readonly share: number
  /** so that a small school does not need a confirmation for each family that moves */
  readonly count: number
}

const MOST_MISSING: Bound = { share: 0.05, count: 2 }
const MOST_GAPS: Bound = { share: 0.1, count: 5 }

/**
 * In a bulk delivery an absent row means that something is over, and what is over is revoked; a file that lost its end on the
 * way looks the same. Returns what is too much to be believed without a human, as `missing.pupils`, `gaps.ages`, …; nothing when the
 * delivery may be applied.
 */
export function judgeDelivery({ missing, gaps }: Findings): string[] {
  return [...beyond('missing', missing, MOST_MISSING), ...beyond('gaps', gaps, MOST_GAPS)]
}

function beyond(part: string, shares: Missing | Gaps, most: Bound): string[] {
  return Object.entries(shares as unknown as Record<string, Share>)
    .filter(([, { count, of }]) => count > most.count && count > of * most.share)
    .map(([name]) => `${part}.${name}`)
}
