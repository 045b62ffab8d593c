import { stateAt } from '../decision/consent-policy.ts'
import type { RequestRow } from './request.sql.ts'

/**
 * What anybody with the link may know. `open` covers a request without an answer, with some, and a refused one: the app has the
 * link too and must not learn that somebody refused, who is still missing, or how many there are.
 */
export type PublicState = 'open' | 'given' | 'withdrawn' | 'closed'

/** The public state of a request at a moment. The app knows `given` and `withdrawn` from its own messages. */
export function publicState(request: RequestRow, now: Date): PublicState {
  const { recorded, expires_at: expiresAt, until } = request
  // A refused request closes when an unanswered one would.
  const state = stateAt({ recorded: recorded === 'refused' ? 'requested' : recorded, expiresAt, until }, now)
  if (state === 'given' || state === 'withdrawn') return state
  return state === 'requested' ? 'open' : 'closed'
}
