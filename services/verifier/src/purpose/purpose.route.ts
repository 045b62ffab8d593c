import { FACTS } from '@samen/consent'
import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppParams, BY_APP, closed, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { type NewPurpose, registerPurpose } from './register-purpose.ts'

const both = (maxLength: number, nl: string, en: string) =>
  closed(
    { nl: Type.String({ minLength: 1, maxLength }), en: Type.String({ minLength: 1, maxLength }) },
    { examples: [{ nl, en }] },
  )

const Body = closed({
  replaces: Type.Optional(Type.String({ ...Id, description: 'the purpose that this is the next version of' })),
  title: both(120, 'Rekenen op eigen niveau', 'Arithmetic at your own level'),
  why: both(600, 'Om sommen te kiezen die passen.', 'To pick sums that fit.'),
  claims: Type.Array(
    closed({
      fact: Type.Union(Object.keys(FACTS).map((fact) => Type.Literal(fact))),
      why: both(300, 'Om het niveau te kiezen.', 'To pick the level.'),
    }),
    { minItems: 1, maxItems: Object.keys(FACTS).length },
  ),
  legal_basis: Type.Union([Type.Literal('consent'), Type.Literal('public_task')]),
  retention: Type.String({ maxLength: 20, examples: ['P1Y'], description: 'ISO 8601 duration' }),
  valid_until: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2027-07-31'] }),
})

const Reply = Type.Object({
  id: Id,
  version: Type.Integer({ examples: [1] }),
  purpose_uri: Type.String({ examples: ['https://registry.example/purposes/qPmxiNFCR3QTm19POc8u1A/1'] }),
})

/** What an app asks for and why: registered once, never changed. */
export function registerPurposeRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/apps/:app/purposes',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['purposes'],
        security: BY_APP,
        summary: 'Register a purpose, or the next version of one',
        params: AppParams,
        body: Body,
        response: replies(201, Reply, 400, 403, 409),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const { body } = await registerPurpose(deps, tenant, request.body as NewPurpose, idempotencyOf(request))
      return reply.code(201).send(body as never)
    },
  )
}
