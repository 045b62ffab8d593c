import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, AppParams, BY_APP, closed, EntityId, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { readConsentState, requestConsent } from './request-consent.ts'

const Body = closed({ purpose: Id, school: EntityId })

const Reply = Type.Object({
  id: Type.String({ ...Id, description: 'the handle of this consent' }),
  page_url: Type.String({ examples: ['https://registry.example/requests/qPmxiNFCR3QTm19POc8u1A'] }),
  expires_at: Type.String({ examples: ['2026-10-01T10:00:00.000Z'] }),
})

const State = Type.Object({
  state: Type.Union([
    Type.Literal('requested'),
    Type.Literal('given'),
    Type.Literal('withdrawn'),
    Type.Literal('expired'),
  ]),
})

/** Questions to the guardians of a child, through the registry. */
export function registerConsentRequestRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/consent-requests',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['consents'],
        security: BY_APP,
        summary: 'Ask the guardians of one child for consent',
        description: 'Give the page to the guardians. Which child it is about, only they and the registry decide.',
        params: AppParams,
        body: Body,
        response: replies(201, Reply, 400, 403, 409, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await requestConsent(deps, tenant, request.body, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
  app.get(
    '/v1/apps/:app/consent-requests/:id',
    {
      schema: {
        tags: ['consents'],
        security: BY_APP,
        summary: 'State of a consent',
        params: AppAndIdParams,
        response: replies(200, State),
      },
    },
    async (request) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      return readConsentState(deps, tenant, request.params.id)
    },
  )
}
