/** Outside the turn of the school year no more than this part of the pupils leaves between two deliveries. */
const MOST_LEAVING = 0.05
/** Month and day, both included: leavers go and new pupils come. */
const TURN_OF_YEAR = { from: '07-15', to: '09-15' } as const

/**
 * A bulk delivery that lost rows on its way looks like one in which those pupils left, and leaving revokes. False when that
 * is more likely than the truth: more than a twentieth of the school would vanish outside 15 July to 15 September (UTC).
 */
export function isRemovalPlausible(missing: { readonly pupils: number; readonly of: number }, now: Date): boolean {
  const day = now.toISOString().slice(5, 10)
  const isTurnOfYear = day >= TURN_OF_YEAR.from && day <= TURN_OF_YEAR.to
  return isTurnOfYear || missing.pupils <= missing.of * MOST_LEAVING
}
