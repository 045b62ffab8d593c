import { ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { readRequestUriPost } from '@samen/openid4vp'
import { Type } from 'typebox'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { noSuchRequest } from './open-requests.ts'
import { serveRequest } from './serve-request.ts'

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
        body: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
    },
    async ({ params, body, headers }, reply) => {
      assertForm(headers['content-type'], body)
      const tenant = await tenantOf(deps, params.slug)
      const { walletNonce } = readRequestUriPost(body ?? {})
      return reply.type(MEDIA_TYPE).send(await serveRequest(deps, tenant, params.id, walletNonce))
    },
  )
}

/** The app in a wallet's URL. Unknown apps answer like unknown requests. Throws ProtocolError 404. */
export async function tenantOf(deps: Deps, slug: string): Promise<AppTenant> {
  const tenant = await deps.apps.find(slug)
  if (tenant === undefined) throw noSuchRequest()
  return tenant
}

/** A wallet's endpoints take forms: JSON that happens to have the right members is not read. */
export function assertForm(header: string | undefined, body: unknown): void {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (body === undefined || body === null || type === 'application/x-www-form-urlencoded') return
  throw new ProtocolError(415, 'invalid_request', 'the body is not a form')
}
