import type { DecisionWord } from '@samen/consent'
import type { Deps } from '../deps.ts'
import { type StartedPresentation, startPresentation } from '../presentation/start-presentation.ts'
import { findRequest } from '../request/find-request.ts'
import type { RequestRow } from '../request/request.sql.ts'

export type BegunDecision = { request: RequestRow; word: DecisionWord; presentation: StartedPresentation }

/**
 * Asks the wallet to sign a word about a request. Whoever presses the button is not known yet, nothing is decided and nothing is kept.
 * Whether the request is still open is not told here: only a guardian of the child learns that (a vendor knows the link too).
 * Undefined for an unknown handle. Throws ProtocolError 503 when the log is stopped, or before this registry is certified.
 */
export async function beginDecision(
  deps: Deps,
  handle: string,
  word: DecisionWord,
): Promise<BegunDecision | undefined> {
  deps.head.assertIntact()
  const request = await findRequest(deps, handle)
  return request && { request, word, presentation: startPresentation(deps, { kind: 'decision', handle, word }) }
}
