import type { RowReason } from './row-rejections.ts'

export type Authority = 'joint' | 'sole' | 'voogd' | 'institution'

export interface Holder {
  /** sourcedId of the guardian */
  readonly sourcedId: string
  readonly authority: Authority
}

/** How many holders each kind of authority can have (BW 1:251, 1:253t, 1:279, 1:302). */
const HOLDERS: Readonly<Record<Authority, readonly number[]>> = {
  joint: [2],
  sole: [1],
  voogd: [1, 2],
  institution: [1],
}

/**
 * Reads `metadata.nl.gezag` of a pupil: `{sourcedId:joint},{sourcedId:joint}`. An empty text means that the school does not
 * know: nobody may decide then. Any doubt about a part makes the whole unknown, since half of it would be a wrong answer.
 * Returns the holders, or the code of what is wrong.
 */
export function readAuthority(text: string): { holders: readonly Holder[] } | { reason: RowReason } {
  if (text.trim() === '') return { holders: [] }
  const holders = text.split(',').map(readHolder)
  if (holders.includes(undefined)) return { reason: 'authority-malformed' }
  const known = holders.filter((holder) => holder !== undefined)
  return isConsistent(known) ? { holders: known } : { reason: 'authority-inconsistent' }
}

function readHolder(item: string): Holder | undefined {
  const found = /^\{([A-Za-z0-9._/@-]{1,255}):(joint|sole|voogd|institution)\}$/.exec(item.trim())
  const [, sourcedId = '', authority] = found ?? []
  return found ? { sourcedId, authority: authority as Authority } : undefined
}

function isConsistent(holders: readonly Holder[]): boolean {
  const kinds = new Set(holders.map((holder) => holder.authority))
  const people = new Set(holders.map((holder) => holder.sourcedId))
  const [first] = holders
  return (
    first !== undefined &&
    kinds.size === 1 &&
    people.size === holders.length &&
    HOLDERS[first.authority].includes(people.size)
  )
}
