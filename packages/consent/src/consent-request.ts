import { defineShape } from '@samen/strict-json'
import { type Static, Type } from 'typebox'
import { ownEndpoint } from './own-endpoint.ts'
import { MARK_APP_VENDOR } from './trust-marks.ts'
import { EntityId, Instant, malformed, RandomId } from './wire-text.ts'

/** app → registry: put the question of this purpose to the guardians of one child at this school. Which child stays unknown. */
export const CONSENT_REQUEST_MESSAGE = { typ: 'samen-consent-request+jwt', trustMark: MARK_APP_VENDOR } as const

const RequestSchema = Type.Object(
  {
    purpose_id: RandomId,
    purpose_version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    school: EntityId,
    expires_at: Instant,
  },
  { additionalProperties: false },
)

export type ConsentRequest = Static<typeof RequestSchema>

const shape = defineShape(RequestSchema)

/** Checks the `request` member of a message; `expires_at` is an instant in UTC. Throws ProtocolError 400 `invalid_request`. */
export function readConsentRequest(value: unknown): ConsentRequest {
  const request = shape.read(value, (path) => malformed(`request${path}`))
  if (Number.isNaN(Date.parse(request.expires_at))) throw malformed('request/expires_at')
  return request
}

const openedShape = defineShape(
  Type.Object({ handle: RandomId, page_url: Type.String({ maxLength: 512 }), expires_at: Instant }),
)

/** What the registry answers: the question that it opened, and the page for the guardians. */
export type OpenedRequest = Static<typeof openedShape.schema>

/**
 * Checks the answer of `registry`: a family is sent to `page_url`, so it must lie with the registry itself.
 * Throws ProtocolError 400 `invalid_request`, TrustError `wrong_entity_type`.
 */
export function readOpenedRequest(value: unknown, registry: string): OpenedRequest {
  const opened = openedShape.read(value, (path) => malformed(`answer${path}`))
  if (Number.isNaN(Date.parse(opened.expires_at))) throw malformed('answer/expires_at')
  ownEndpoint(registry, opened.page_url)
  return opened
}
