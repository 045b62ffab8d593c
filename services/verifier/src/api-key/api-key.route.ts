import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, AppParams, BY_APP, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { addApiKey } from './add-api-key.ts'
import { endApiKey } from './end-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'

const Id = Type.String({ examples: ['0b7e4b6e-5c0c-4b5e-9d0a-2f6f3a1f7c11'] })
const Added = Type.Object({ id: Id, api_key: Type.String({ description: 'shown this once' }) })
const List = Type.Object({ api_keys: Type.Array(Type.Object({ id: Id, created_at: Type.String() })) })
const tags = ['API keys']
const security = BY_APP
const config = { takesIdempotencyKey: true }

/** The keys of an app: a new one first, then the old one can go. */
export function registerApiKeyRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/api-keys',
    {
      config,
      schema: {
        tags,
        security,
        summary: 'Add a key, up to ten',
        params: AppParams,
        response: replies(201, Added, 409),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await addApiKey(deps, tenant, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
  app.get(
    '/v1/apps/:app/api-keys',
    { schema: { tags, security, summary: 'The keys that work', params: AppParams, response: replies(200, List) } },
    async (request) => listApiKeys(deps, await authenticateApp(deps, bearer(request), request.params.app)),
  )
  app.delete(
    '/v1/apps/:app/api-keys/:id',
    {
      config,
      schema: {
        tags,
        security,
        summary: 'Revoke a key; it works at most five seconds longer',
        params: AppAndIdParams,
        response: replies(204, Type.Null(), 409),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      await endApiKey(deps, tenant, request.params.id, idempotencyOf(request))
      return reply.code(204).send(null)
    },
  )
}
