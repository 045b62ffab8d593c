import { Problem } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { findSchool } from '../wallet-route.ts'
import { LIST_TTL_SECONDS } from './status-lists.ts'

const Params = Type.Object({ school: Type.String({ maxLength: 64 }), list: Type.String({ maxLength: 64 }) })

/** `GET /schools/{school}/status-lists/{list}`: the same bytes for everybody, from memory. TSL#status-list-request */
export function registerStatusRoute(app: App, deps: Deps): void {
  app.get(
    '/schools/:school/status-lists/:list',
    { schema: { params: Params, tags: ['status'], summary: 'Which copies are revoked' } },
    async (request, reply) => {
      if (!acceptsJwt(request.headers.accept)) throw new Problem(406, 'not-acceptable', 'This list exists as a JWT')
      const school = await findSchool(deps, request.params.school)
      const list = await deps.statusLists.find(school, request.params.list)
      if (list === undefined) throw new Problem(404, 'not-found', 'There is nothing here')
      reply.headers({
        'cache-control': `public, max-age=${LIST_TTL_SECONDS}`,
        // A page in a browser may check a credential too. TSL#status-list-request
        'access-control-allow-origin': '*',
        vary: 'Accept',
        etag: list.etag,
      })
      if (request.headers['if-none-match'] === list.etag) return reply.code(304).send()
      return reply.type('application/statuslist+jwt').send(list.token)
    },
  )
}

/** False only for a client that names types and none of them is ours (CWT). */
function acceptsJwt(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  const types = accept
    .slice(0, 1_000)
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';', 1)[0]?.trim())
  return types.some((type) => type === '*/*' || type === 'application/*' || type === 'application/statuslist+jwt')
}
