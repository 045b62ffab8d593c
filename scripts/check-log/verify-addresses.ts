import { purposeUri } from '@samen/consent'
import type { Checkpoint } from '@samen/transparency-log'
import { CheckFault, CONTRADICTED } from './advice.ts'
import type { FamilyRecord, RecordedConsent } from './family-record.ts'

/**
 * Checks what a record says beside its proofs and a family acts on: how long the log is and where, when each entry was made, and the pages
 * of each request, which have to be those of the registry that was answered. Throws CheckFault.
 */
export function verifyAddresses({ log, consents, events }: FamilyRecord, head: Checkpoint): void {
  if (log.size !== head.size) throw contradicted('it says another number of entries than its head')
  if (log.url.replace(/^https?:\/\//, '') !== head.origin) throw contradicted('it says another address than its head')
  for (const { index, at, event } of events)
    if (at !== event['at']) throw contradicted(`entry ${index} is shown at another time than it was logged`)
  for (const consent of consents) verifyPages(consent)
}

/** Everybody who answered signed which registry it was. */
function verifyPages({ handle, page_url: page, purpose: { id, version, uri }, decisions }: RecordedConsent): void {
  for (const { evidence } of decisions) {
    const { registry } = evidence.document
    if (page !== `${registry}/requests/${handle}` || uri !== purposeUri(registry, id, version))
      throw contradicted(`request ${handle}: its pages are said to be elsewhere than at the registry that was answered`)
  }
}

function contradicted(fault: string): CheckFault {
  return new CheckFault(CONTRADICTED, fault)
}
