import type { Language } from '@samen/http-kit'
import type { Confirmed } from './confirm-presentation.ts'

/** The outcome as JSON, without the pseudonym of the child; 403 when the decision has no effect. */
export function describeOutcome({ outcome }: Confirmed) {
  if (outcome === undefined) return { status: 200, body: { result: 'done' } } as const
  if (outcome.result === 'record') return { status: 200, body: { result: 'record' } } as const
  return { status: outcome.result === 'decided' ? 200 : 403, body: outcome } as const
}

/** The page that shows it to this browser, from the root of this service. */
export function pageOf({ handle }: Confirmed, lang: Language): string {
  return handle === null ? `me/record?lang=${lang}` : `requests/${handle}?lang=${lang}`
}
