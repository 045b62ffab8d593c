import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, AppParams, BY_APP, closed, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { addWebhook } from './add-webhook.ts'
import { listWebhooks } from './list-webhooks.ts'
import { removeWebhook } from './remove-webhook.ts'

const Url = Type.String({ minLength: 8, maxLength: 2_048, examples: ['https://app.example/samen-events'] })
const Added = Type.Object({
  id: Id,
  secret: Type.String({
    examples: ['whsec_…'],
    description: 'for checking signatures (Standard Webhooks), shown this once',
  }),
})
const List = Type.Object({ webhooks: Type.Array(Type.Object({ id: Id, url: Url, created_at: Type.String() })) })
const tags = ['webhooks']
const security = BY_APP
const config = { takesIdempotencyKey: true }

/** Where an app wants to be woken up. Events hold ids only. */
export function registerWebhookRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/webhooks',
    {
      config,
      schema: {
        tags,
        security,
        summary: 'Add an address for events, up to ten',
        description:
          'Events: consent.given {consent}; consent.withdrawn and consent.expired {id of the deletion duty, consent}.',
        params: AppParams,
        body: closed({ url: Url }),
        response: replies(201, Added, 400, 409),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await addWebhook(deps, tenant, request.body.url, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
  app.get(
    '/v1/apps/:app/webhooks',
    {
      schema: { tags, security, summary: 'The addresses for events', params: AppParams, response: replies(200, List) },
    },
    async (request) => listWebhooks(deps, await authenticateApp(deps, bearer(request), request.params.app)),
  )
  app.delete(
    '/v1/apps/:app/webhooks/:id',
    {
      config,
      schema: {
        tags,
        security,
        summary: 'Remove an address for events',
        params: AppAndIdParams,
        response: replies(204, Type.Null()),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      await removeWebhook(deps, tenant, request.params.id, idempotencyOf(request))
      return reply.code(204).send(null)
    },
  )
}
