import { parseJson } from '@samen/strict-json'

/** What has become of a message: taken, refused for what it says, or to be sent again. */
export type MessageOutcome = 'delivered' | 'rejected' | 'again'

/** Refusals of what a message says. 403 before a membership is known, 429 and all of 5xx may be different later. */
const FINAL = new Set([400, 409, 413, 415, 422])
/** A clock that was off, and a sender that is not known yet: SETPUSH#section-2.3 has both as 400. */
const PASSING = new Set(['authentication_failed', 'access_denied'])

/**
 * Reads the answer to a message. A message that does not verify may do so later, as when a clock was off; so may everything that does
 * not come from a node, such as the page of a proxy: only a refusal with a code of its own is final. Never throws.
 */
export function messageOutcome({ status, body }: { readonly status: number; readonly body: string }): MessageOutcome {
  if (status >= 200 && status < 300) return 'delivered'
  const code = errorCode(body)
  if (status === 409 && code === 'already_received') return 'delivered'
  return FINAL.has(status) && code !== undefined && !PASSING.has(code) ? 'rejected' : 'again'
}

/** Of a protocol's refusal, or of one for Security Event Tokens (SETPUSH#section-2.3). */
function errorCode(body: string): string | undefined {
  try {
    const answer = parseJson(body, { maxBytes: 16_384 }) as { error?: unknown; err?: unknown } | null
    const code = answer?.error ?? answer?.err
    return typeof code === 'string' ? code : undefined
  } catch {
    return undefined
  }
}
