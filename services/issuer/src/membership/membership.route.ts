import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { SchoolParams } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { findSchool } from '../wallet-route.ts'
import { createEntityConfigurations } from './entity-configuration.ts'

/** `GET /schools/{school}/.well-known/openid-federation`. FED#ec-request: appended to the identifier, also behind a path. */
export function registerMembershipRoute(app: App, deps: Deps): void {
  const configurations = createEntityConfigurations(deps)
  app.get(
    '/schools/:school/.well-known/openid-federation',
    {
      config: { errorStyle: 'protocol' },
      schema: {
        tags: ['federation'],
        summary: 'What a school says about itself, signed',
        params: SchoolParams,
        produces: ['application/entity-statement+jwt'],
        response: { 200: Type.String({ examples: ['eyJ0eXAiOiJlbnRpdHktc3RhdGVtZW50K2p3dCIsImFsZyI6IkVTMjU2In0.…'] }) },
      },
    },
    async (request, reply) => {
      const school = await findSchool(deps, request.params.school)
      return reply
        .header('cache-control', 'public, max-age=60')
        .type('application/entity-statement+jwt')
        .send(configurations.of(school))
    },
  )
}
