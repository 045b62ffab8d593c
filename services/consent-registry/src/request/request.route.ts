import { CONSENT_REQUEST_MESSAGE } from '@samen/consent'
import { notFound } from '@samen/errors'
import { type App, assertMediaType, languageOf, sendPage, wantsPage } from '@samen/http-kit'
import { Type } from 'typebox'
import { outcomeNotice } from '../decision/decision-page.ts'
import type { Deps } from '../deps.ts'
import { Handle, Instant, RequestSchema, RequestUrl } from '../json-schemas.ts'
import { messageSchema } from '../message/message-schema.ts'
import { browserSecretOf } from '../presentation/browser-session.ts'
import { readOutcome } from '../presentation/outcome.ts'
import { openRequest } from './open-request.ts'
import { describeRequest, readRequestPage } from './read-request-page.ts'
import { requestPage } from './request-page.ts'

const Opened = Type.Object({ handle: Handle, page_url: RequestUrl, expires_at: Instant })
const Params = Type.Object({ handle: Type.String({ maxLength: 64 }) })
const Query = Type.Object({ lang: Type.Optional(Type.String({ maxLength: 8 })) })

/** `POST /v1/consent-requests` for apps, `GET /requests/{handle}` for guardians. */
export function registerRequestRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/consent-requests',
    {
      config: { errorStyle: 'protocol' },
      schema: messageSchema(CONSENT_REQUEST_MESSAGE.typ, 'Ask the guardians of a pupil', Opened),
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/jwt')
      return reply.code(201).send(await openRequest(deps, request.body))
    },
  )
  app.get(
    '/requests/:handle',
    {
      config: { errorStyle: 'page' },
      schema: {
        tags: ['guardians'],
        summary: 'Who asks what, why and for how long',
        params: Params,
        querystring: Query,
        response: { 200: RequestSchema },
      },
    },
    async (request, reply) => {
      const found = await readRequestPage(deps, request.params.handle)
      if (found === undefined) throw notFound()
      reply.header('vary', 'accept, accept-language, cookie')
      if (!wantsPage(request.headers)) {
        return reply.send(describeRequest(deps.publicUrl, found))
      }
      const lang = languageOf(request)
      const outcome = await readOutcome(deps, 'decision', browserSecretOf(deps, request, 'decision'))
      const isOurs = outcome !== undefined && 'handle' in outcome && outcome.handle === request.params.handle
      const notice = isOurs ? outcomeNotice(lang, outcome) : ''
      return sendPage(reply, requestPage(lang, found.request, found.state, notice))
    },
  )
}
