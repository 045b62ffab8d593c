import type { Deps } from '../deps.ts'
import { readOutcome } from '../presentation/answer.ts'
import { type FamilyRecord, readRecord } from './read-record.ts'

/**
 * The record for the browser in which the session began: its cookie, and the first time the response code that only the wallet's
 * redirect carries. Undefined when they do not fit each other, alike for every reason.
 */
export async function openRecord(
  deps: Deps,
  browserSecret: string | undefined,
  responseCode: string | undefined,
): Promise<FamilyRecord | undefined> {
  if (browserSecret === undefined) return undefined
  const outcome = await readOutcome(deps, { kind: 'record', browserSecret, responseCode })
  return outcome?.result === 'record' ? readRecord(deps, outcome) : undefined
}
