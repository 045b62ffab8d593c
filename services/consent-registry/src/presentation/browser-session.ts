import { readSessionCookie, setSessionCookie } from '@samen/http-kit'
import type { Deps } from '../deps.ts'
import type { PresentationKind } from './presentation.sql.ts'
import { ANSWER_SECONDS } from './start-presentation.ts'

type Request = Parameters<typeof readSessionCookie>[0]
type Reply = Parameters<typeof setSessionCookie>[0]

/** A guardian may look back while a decision is open: each has its own session. */
const COOKIES = { decision: 'samen-decision', record: 'samen-record' } as const

/** Begins the session of a presentation: what comes of it is for this browser only. */
export function beginBrowserSession(
  deps: Pick<Deps, 'mode'>,
  reply: Reply,
  kind: PresentationKind,
  browserSecret: string,
): void {
  const cookie = { mode: deps.mode, name: COOKIES[kind] }
  setSessionCookie(reply, cookie, { value: browserSecret, maxAgeSeconds: ANSWER_SECONDS * 4 })
}

/** The secret of this browser's session, or undefined. */
export function browserSecretOf(
  deps: Pick<Deps, 'mode'>,
  request: Request,
  kind: PresentationKind,
): string | undefined {
  return readSessionCookie(request, { mode: deps.mode, name: COOKIES[kind] })
}

/** The secrets of all its sessions. */
export function browserSecretsOf(deps: Pick<Deps, 'mode'>, request: Request): string[] {
  const secrets = [browserSecretOf(deps, request, 'decision'), browserSecretOf(deps, request, 'record')]
  return secrets.filter((secret) => secret !== undefined)
}
