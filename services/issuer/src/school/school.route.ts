import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { assertOperator } from '@samen/node-kit'
import { BY_OPERATOR, operatorReplies } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { createSchool } from './create-school.ts'
import { SchoolMade, SchoolOrder } from './school-messages.ts'

/** `POST /v1/schools`: schools are made by the operator of the node. */
export function registerSchoolRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/schools',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['schools'],
        security: BY_OPERATOR,
        summary: 'Add a school',
        body: SchoolOrder,
        response: operatorReplies(201, SchoolMade, 400, 409),
      },
    },
    async (request, reply) => {
      assertOperator(deps, bearer(request))
      const { holiday_region: holidayRegion, ...school } = request.body
      const { status, body } = await createSchool(deps, { ...school, holidayRegion }, idempotencyOf(request))
      return reply.code(status as 201).send(body as never)
    },
  )
}
