import { CONSENT_REQUEST_MESSAGE } from '@samen/consent'
import { type App, languageOf, readSessionCookie, sendPage } from '@samen/http-kit'
import { Type } from 'typebox'
import { assertMediaType, wantsPage } from '../accept-header.ts'
import { DECISION_COOKIE } from '../decision/decision.route.ts'
import { outcomeNotice } from '../decision/decision-page.ts'
import type { Deps } from '../deps.ts'
import { RequestSchema } from '../json-schemas.ts'
import { messageSchema } from '../message/message-schema.ts'
import { nothingHere } from '../nothing-here.ts'
import { readOutcome } from '../presentation/answer.ts'
import { openRequest } from './open-request.ts'
import { describeRequest, readRequestPage } from './read-request-page.ts'
import { requestPage } from './request-page.ts'

const Opened = Type.Object({ handle: Type.String(), page_url: Type.String(), expires_at: Type.String() })
const Params = Type.Object({ handle: Type.String({ maxLength: 64 }) })
const Query = Type.Object({
  lang: Type.Optional(Type.String({ maxLength: 8 })),
  response_code: Type.Optional(Type.String({ maxLength: 64 })),
})

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
      if (found === undefined) throw nothingHere()
      reply.header('vary', 'accept, accept-language')
      if (!wantsPage(request.headers)) {
        return reply.send(describeRequest(deps.publicUrl, found))
      }
      const lang = languageOf(request)
      const browserSecret = readSessionCookie(request, { mode: deps.mode, name: DECISION_COOKIE })
      const responseCode = request.query.response_code
      const outcome =
        browserSecret === undefined || responseCode === undefined
          ? undefined
          : await readOutcome(deps, { kind: 'decision', browserSecret, responseCode })
      const isOurs = outcome?.result !== 'decided' || outcome.handle === request.params.handle
      const notice = outcome !== undefined && isOurs ? outcomeNotice(lang, outcome) : ''
      return sendPage(reply, requestPage(lang, found.request, found.state, notice))
    },
  )
}
