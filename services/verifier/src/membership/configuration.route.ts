import { ProtocolError } from '@samen/errors'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { createConfigurations } from './entity-configuration.ts'

/** FED#ec-request: the app's own statement about itself, with the marks that the anchor gave it. */
export function registerConfigurationRoute(app: App, deps: Deps): void {
  const configurationOf = createConfigurations(deps)
  app.get(
    '/apps/:slug/.well-known/openid-federation',
    {
      config: { errorStyle: 'protocol' },
      schema: {
        tags: ['federation'],
        summary: 'Entity configuration of an app',
        params: Type.Object({ slug: Type.String({ maxLength: 63 }) }),
        produces: ['application/entity-statement+jwt'],
      },
    },
    async (request, reply) => {
      const tenant = await deps.apps.find(request.params.slug)
      if (tenant === undefined) throw new ProtocolError(404, 'not_found', 'there is no such entity')
      return reply
        .type('application/entity-statement+jwt')
        .header('cache-control', 'public, max-age=60')
        .send(configurationOf(tenant))
    },
  )
}
