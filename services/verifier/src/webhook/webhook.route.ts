import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppParams, closed, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { addWebhook } from './add-webhook.ts'

const Body = closed({
  url: Type.String({ minLength: 8, maxLength: 2_048, examples: ['https://app.example/samen-events'] }),
})
const Reply = Type.Object({
  id: Id,
  secret: Type.String({
    examples: ['whsec_…'],
    description: 'for checking signatures (Standard Webhooks), shown this once',
  }),
})

/** Where an app wants to be woken up. Events hold ids only. */
export function registerWebhookRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/webhooks',
    {
      schema: {
        tags: ['webhooks'],
        summary: 'Add an address for events',
        description: 'Events: consent.given {consent}, consent.withdrawn {id of the deletion duty, consent}.',
        params: AppParams,
        body: Body,
        response: replies(201, Reply, 400),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await addWebhook(deps, tenant, request.body.url, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
}
