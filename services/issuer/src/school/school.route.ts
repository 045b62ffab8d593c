import { Problem } from '@samen/errors'
import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { assertOperator } from '@samen/node-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { createSchool } from './create-school.ts'
import { createEntityConfigurations } from './entity-configuration.ts'
import { SECTORS } from './school.ts'

const Body = Type.Object({
  slug: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
  name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
  brin: Type.String({ pattern: '^[0-9]{2}[A-Z]{2}[0-9]{2}$', description: 'BRIN with the number of the location' }),
  sector: Type.Union(SECTORS.map((sector) => Type.Literal(sector))),
})

const Reply = Type.Object({
  entity_id: Type.String(),
  api_key: Type.String({ description: 'shown this once' }),
})

const Params = Type.Object({ slug: Type.String({ maxLength: 63 }) })

/** Schools are made by the operator of the node, and show themselves to the federation. */
export function registerSchoolRoutes(app: App, deps: Deps): void {
  const configurations = createEntityConfigurations(deps)
  app.post(
    '/v1/schools',
    { schema: { body: Body, response: { 201: Reply }, tags: ['schools'] } },
    async (request, reply) => {
      assertOperator(deps, bearer(request))
      const { status, body } = await createSchool(deps, request.body, idempotencyOf(request))
      return reply.code(status as 201).send(body as never)
    },
  )
  // FED#ec-request: appended to the identifier, also behind a path.
  app.get(
    '/schools/:slug/.well-known/openid-federation',
    { config: { errorStyle: 'protocol' }, schema: { params: Params, tags: ['federation'] } },
    async (request, reply) => {
      const school = await deps.schools.find(request.params.slug)
      if (school === undefined) throw new Problem(404, 'not-found', 'There is nothing here')
      return reply
        .header('cache-control', 'public, max-age=60')
        .type('application/entity-statement+jwt')
        .send(configurations.of(school))
    },
  )
}
