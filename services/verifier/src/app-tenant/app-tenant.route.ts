import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { assertOperator } from '@samen/node-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { BY_OPERATOR, closed, EntityId, replies, Slug } from '../management/api-schema.ts'
import { addApp } from './add-app.ts'

const Body = closed({
  slug: Slug,
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]+$', examples: ['Rekenrijk'] }),
  registry: Type.String({
    ...EntityId,
    examples: ['https://registry.example'],
    description: 'its consent registry, not at an address inside a network',
  }),
  return_urls: Type.Optional(
    Type.Array(Type.String({ maxLength: 2_048, examples: ['https://app.example/back'] }), {
      maxItems: 20,
      description: 'where a browser may be sent after a presentation on the same device',
    }),
  ),
})

const Reply = Type.Object({
  entity_id: Type.String({ examples: ['https://verifier.example/apps/rekenrijk'] }),
  api_key: Type.String({ description: 'shown this once' }),
})

/** Apps are added by the operator of the node. */
export function registerAppTenantRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['apps'],
        security: BY_OPERATOR,
        summary: 'Add an app (operator key)',
        body: Body,
        response: replies(201, Reply, 400, 409),
      },
    },
    async (request, reply) => {
      assertOperator(deps, bearer(request))
      const { body } = await addApp(deps, request.body, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
}
