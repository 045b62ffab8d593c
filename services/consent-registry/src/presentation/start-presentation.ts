import { authorizationRequestUri } from '@samen/openid4vp'
import type { Deps } from '../deps.ts'
import { type Question, writePresentationId } from './presentation-id.ts'
import { browserSecretFor } from './presentation-secrets.ts'
import { certificateMark, currentCertificate } from './request-certificate.ts'

export type StartedPresentation = {
  readonly authorizationRequest: string
  readonly expiresAt: Date
  /** for the cookie of the browser that began */
  readonly browserSecret: string
}

/** A code on a screen is good for two minutes: a photographed one is worthless soon. */
export const FETCH_SECONDS = 120
/** Time to read and confirm in the wallet. */
export const ANSWER_SECONDS = 300

/**
 * Begins a presentation. Nothing is kept: the question stands sealed in the link, and everything secret follows from it under the
 * keyring, so that strangers who ask without end fill nothing and stand in nobody's way. Throws ProtocolError 503 before this registry
 * is certified.
 */
export function startPresentation(
  deps: Pick<Deps, 'keys' | 'keyring' | 'membership' | 'publicUrl' | 'now'>,
  question: Question,
): StartedPresentation {
  const certificate = currentCertificate(deps)
  const createdAt = deps.now()
  const id = writePresentationId(deps.keyring, { question, createdAt, certificate: certificateMark(certificate) })
  const requestUri = `${deps.publicUrl}/vp/requests/${id}`
  return {
    authorizationRequest: authorizationRequestUri('haip-vp', certificate.clientId, requestUri),
    expiresAt: answerUntil(createdAt),
    browserSecret: browserSecretFor(deps.keyring, id),
  }
}

/** When a wallet's answer is no longer taken. */
export function answerUntil(createdAt: Date): Date {
  return new Date(createdAt.getTime() + ANSWER_SECONDS * 1000)
}
