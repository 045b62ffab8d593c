import type { Deps } from '../deps.ts'
import { isPastDay } from '../purpose/purposes.ts'

/** A receipt that fits the child and the purpose; whether it is live is still to be seen. */
export interface ConsentCandidate {
  readonly handle: string
  /** entity id of the school that all parties know the child from */
  readonly school: string
  /** the last day, YYYY-MM-DD */
  readonly until: string
  readonly list_uri: string
  readonly list_index: number
}

/**
 * The first receipt that covers a presentation now: given for credentials of this very school, and live. `issuers` are those of all
 * presented credentials.
 */
export async function findLiveConsent<Receipt extends ConsentCandidate>(
  deps: Pick<Deps, 'consentLists' | 'now'>,
  registry: string,
  candidates: readonly Receipt[],
  issuers: ReadonlySet<string>,
): Promise<Receipt | undefined> {
  for (const receipt of candidates) {
    const isFromSchool = issuers.size === 1 && issuers.has(receipt.school)
    if (isFromSchool && (await isConsentLive(deps, registry, receipt))) return receipt
  }
  return undefined
}

/** Not past its last day, and live in a list of the app's registry whose lease has not run out. Without a live list there is no consent. */
export async function isConsentLive(
  deps: Pick<Deps, 'consentLists' | 'now'>,
  registry: string,
  receipt: Pick<ConsentCandidate, 'until' | 'list_uri' | 'list_index'>,
): Promise<boolean> {
  if (isPastDay(receipt.until, deps.now())) return false
  return deps.consentLists.isLive(registry, receipt.list_uri, receipt.list_index)
}
