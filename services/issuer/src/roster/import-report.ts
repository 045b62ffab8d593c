import type { ApplyOutcome } from './apply-roster.ts'
import type { Gaps, Missing } from './judge-delivery.ts'
import type { AcceptedRows } from './read/build-pupils.ts'
import type { Roster } from './read/read-roster.ts'
import type { RosterRefusal } from './read/roster-refusal.ts'
import { type RejectedRow, ROW_REASONS } from './read/row-rejections.ts'

export type ImportState = 'applied' | 'held' | 'refused'

/** What an import changed in the school's register. */
export interface Changes {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
}

/** What the sender of a delivery is told: numbers, file names, row numbers and codes; nothing that stood in a row. */
export interface ImportReport {
  readonly accepted: AcceptedRows
  /** the first thousand of them */
  readonly rejected: readonly (RejectedRow & { readonly detail: string })[]
  readonly rejected_count: number
  /** when applied */
  readonly changes?: Changes
  /** unless refused: what is no longer there, and what the delivery leaves unsaid */
  readonly missing?: Missing
  readonly gaps?: Gaps
  /** when held: which of these are more than can be believed without a human, such as `missing.pupils` */
  readonly held_for?: readonly string[]
  /** when refused */
  readonly refusal?: {
    readonly reason: string
    readonly file?: string
    readonly row?: number
    readonly detail: string
  }
}

const NOTHING: AcceptedRows = {
  pupils: 0,
  guardians: 0,
  guardianships: 0,
  enrolments: 0,
  classes: 0,
  without_authority: 0,
}

/** The report about a delivery that could be read. */
export function reportOf(roster: Roster, outcome: ApplyOutcome): ImportReport {
  const { accepted, rejectedCount } = roster
  const rejected = roster.rejected.map((row) => ({ ...row, detail: ROW_REASONS[row.reason] }))
  return { accepted, rejected, rejected_count: rejectedCount, ...outcome }
}

/** The report about a delivery that could not. */
export function refusalReport({ reason, file, row, message }: RosterRefusal): ImportReport {
  const place = { ...(file !== undefined && { file }), ...(row !== undefined && { row }) }
  return { accepted: NOTHING, rejected: [], rejected_count: 0, refusal: { reason, ...place, detail: message } }
}
