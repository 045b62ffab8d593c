import type { App } from '@samen/http-kit'
import { readRequestUriPost } from '@samen/openid4vp'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { serveRequest } from './serve-request.ts'
import { assertForm, tenantOf } from './wallet-call.ts'

const Params = Type.Object({
  slug: Type.String({ maxLength: 63 }),
  id: Type.String({ minLength: 1, maxLength: 64 }),
})
const schema = { tags: ['wallets'], summary: 'Signed authorization request', params: Params }
const MEDIA_TYPE = 'application/oauth-authz-req+jwt'

/** The request URI, VP#request_uri_method_post: by GET, or by POST with the wallet's nonce. */
export function registerRequestRoutes(app: App, deps: Deps): void {
  app.get(
    '/apps/:slug/requests/:id',
    { config: { errorStyle: 'protocol' }, schema: { ...schema, produces: [MEDIA_TYPE] } },
    async ({ params }, reply) => {
      const tenant = await tenantOf(deps, params.slug)
      return reply.type(MEDIA_TYPE).send(await serveRequest(deps, tenant, params.id, 'not-used'))
    },
  )
  app.post(
    '/apps/:slug/requests/:id',
    {
      config: { errorStyle: 'protocol' },
      bodyLimit: 32_768,
      schema: {
        ...schema,
        consumes: ['application/x-www-form-urlencoded'],
        produces: [MEDIA_TYPE],
        body: Type.Record(Type.String(), Type.String()),
      },
      // Both parameters are optional, and so is the form.
      preValidation: async (request) => {
        assertForm(request.headers['content-type'], request.body)
        request.body ??= {}
      },
    },
    async ({ params, body }, reply) => {
      const tenant = await tenantOf(deps, params.slug)
      return reply.type(MEDIA_TYPE).send(await serveRequest(deps, tenant, params.id, readRequestUriPost(body)))
    },
  )
}
