import { notFound, ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'

const Params = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** `GET /consent-lists/{id}`: a status list token under a lease of ten seconds (TSL#expiry-and-caching), from memory. */
export function registerConsentListRoutes(app: App, deps: Deps): void {
  app.get(
    '/consent-lists/:id',
    {
      config: { errorStyle: 'protocol' },
      schema: {
        tags: ['public'],
        summary: 'A list of live consents, as a status list token',
        params: Params,
        produces: ['application/statuslist+jwt'],
      },
    },
    async (request, reply) => {
      const { id } = request.params
      if (!deps.lists.has(id)) throw notFound()
      const token = deps.lists.token(id, deps.now())
      // Nothing is better than a list whose lease has run out: verifiers fail closed.
      if (token === undefined) {
        const headers = { 'retry-after': '1' }
        throw new ProtocolError(503, 'temporarily_unavailable', 'the list is being signed', { headers })
      }
      const headers = { 'cache-control': 'public, max-age=1', 'access-control-allow-origin': '*' }
      return reply.type('application/statuslist+jwt').headers(headers).send(token)
    },
  )
}
