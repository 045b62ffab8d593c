import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import { BY_SCHOOL, closed, replies, SchoolAndIdParams, SchoolParams, time } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { authenticateSchool, SCHOOL_SCOPES } from '../school/authenticate-school.ts'
import { addApiKey } from './add-api-key.ts'
import { deleteApiKey } from './delete-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'

const Scopes = Type.Array(Type.Enum([...SCHOOL_SCOPES]), {
  minItems: 1,
  maxItems: SCHOOL_SCOPES.length,
  description: 'what the key may do; keys themselves need a key with every scope',
  examples: [['roster']],
})
const KeyId = Type.String({ examples: ['0b7e4b6e-5c0c-4b5e-9d0a-2f6f3a1f7c11'] })
const ApiKey = Type.String({
  description: 'shown this once',
  examples: ['lb3PS8Nn0Uo1ksdxvg7y9ZRpnnMq2Qe0oTnYwzqkKQk'],
})
const Added = Type.Object({ id: KeyId, scopes: Scopes, api_key: ApiKey })
const Listed = Type.Object({
  api_keys: Type.Array(Type.Object({ id: KeyId, scopes: Scopes, created_at: time('when it was made') })),
})

const tags = ['API keys']
const security = BY_SCHOOL

/** The keys of a school: a new one first, then the old one can go; a supplier gets one that may do less. */
export function registerApiKeyRoutes(app: App, deps: Deps): void {
  const url = '/v1/schools/:school/api-keys'
  app.post(
    url,
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags,
        security,
        summary: 'Add a key',
        params: SchoolParams,
        body: closed({ scopes: Scopes }),
        response: replies(201, Added, 400, 409),
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'every')
      const { status, body } = await addApiKey(deps, caller, [...new Set(request.body.scopes)], idempotencyOf(request))
      return reply.code(status as 201).send(body as never)
    },
  )
  app.get(
    url,
    { schema: { tags, security, summary: 'The keys that work', params: SchoolParams, response: replies(200, Listed) } },
    async (request) => {
      const { school } = await authenticateSchool(deps, bearer(request), request.params.school, 'every')
      return listApiKeys(deps, school) as never
    },
  )
  app.delete(
    `${url}/:id`,
    {
      schema: {
        tags,
        security,
        summary: 'Delete a key; the last one that may do everything stays',
        params: SchoolAndIdParams,
        response: replies(204, Type.Null(), 409),
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'every')
      await deleteApiKey(deps, caller, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
