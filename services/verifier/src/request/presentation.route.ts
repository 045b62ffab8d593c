import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppParams, BY_APP, closed, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { createPresentation } from './create-presentation.ts'

const Body = closed({
  purpose: Id,
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'of the purpose; the newest when absent' })),
  consent: Type.Optional(Type.String({ ...Id, description: 'handle of the consent that must cover it' })),
  claims: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      minItems: 1,
      maxItems: 64,
      examples: [['year_group', 'age_over_12']],
      description: 'facts of the purpose; all of them when absent',
    }),
  ),
  return_url: Type.Optional(
    Type.String({
      maxLength: 2_048,
      description:
        'where the browser goes afterwards, with `presentation` and `result_code`: one of the registered URLs. It answers with a page, or redirects within its own origin.',
    }),
  ),
})

const Reply = Type.Object({
  id: Type.String({ examples: ['rekenrijk.qPmxiNFCR3QTm19POc8u1A'] }),
  authorization_request: Type.String({ description: 'opens a wallet; also the content of a QR code' }),
  page_url: Type.Optional(
    Type.String({
      description: 'with return_url: send the browser there',
      examples: ['https://verifier.example/presentations/rekenrijk.qPmxiNFCR3QTm19POc8u1A'],
    }),
  ),
  expires_at: Type.String({ examples: ['2026-09-01T10:02:00.000Z'] }),
})

/** Requests to wallets. */
export function registerPresentationRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/presentations',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['presentations'],
        security: BY_APP,
        summary: 'Ask a wallet for facts of a purpose',
        description:
          'With return_url, send the browser to page_url: it comes back to return_url with a result_code, and with that the result can be read. Without, show authorization_request as a QR code on a page of your own, ask there for the number that the wallet’s device shows, and post it to …/pairing.',
        params: AppParams,
        body: Body,
        response: replies(201, Reply, 400, 403, 503),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await createPresentation(deps, tenant, request.body, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
}
