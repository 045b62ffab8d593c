import type { Deps } from '../deps.ts'
import { readOutcome } from '../presentation/outcome.ts'
import { type FamilyRecord, readRecord } from './read-record.ts'

/** The record for the browser in which the session began and was confirmed; undefined for any other. `since` as `readRecord` takes it. */
export async function openRecord(
  deps: Deps,
  browserSecret: string | undefined,
  since: number | undefined,
): Promise<FamilyRecord | undefined> {
  const outcome = await readOutcome(deps, 'record', browserSecret)
  return outcome?.result === 'record' ? readRecord(deps, outcome, since) : undefined
}
