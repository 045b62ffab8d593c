import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { checkHealth } from './check-health.ts'
import { createConfiguration } from './entity-configuration.ts'

const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('log-stopped')], {
    description: 'log-stopped: the database was set back or exchanged under this process',
  }),
  member: Type.Boolean({ examples: [true] }),
})

/** `GET /.well-known/openid-federation` (FED#ec-request) and `GET /healthz`. */
export function registerMembershipRoutes(app: App, deps: Deps): void {
  const configuration = createConfiguration(deps)
  app.get(
    '/.well-known/openid-federation',
    {
      config: { errorStyle: 'protocol' },
      schema: {
        tags: ['federation'],
        summary: 'The entity configuration of this registry',
        produces: ['application/entity-statement+jwt'],
      },
    },
    async (_request, reply) => reply.type('application/entity-statement+jwt').send(configuration()),
  )
  app.get(
    '/healthz',
    {
      config: { admission: 'always' },
      schema: { tags: ['operation'], summary: 'Whether this process works', response: { 200: Health, 503: Health } },
    },
    async (_request, reply) => {
      const health = await checkHealth(deps)
      return reply.code(health.status === 'ok' ? 200 : 503).send(health)
    },
  )
}
