import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { approvePurpose } from './approve-purpose.ts'
import { showAgreement } from './show-agreement.ts'

const CalendarDate = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })
const Guardians = Type.Union([Type.Literal('every'), Type.Literal('one')])

const Body = Type.Object({
  purpose_uri: Type.String({ maxLength: 600 }),
  guardians: Guardians,
  processor_agreement: Type.Object({
    model: Type.String({ minLength: 1, maxLength: 80 }),
    reference: Type.String({ minLength: 1, maxLength: 120 }),
    signed_at: CalendarDate,
  }),
  valid_until: CalendarDate,
})

const Reply = Type.Object({
  id: Type.String(),
  registry: Type.String(),
  purpose_id: Type.String(),
  purpose_version: Type.Integer(),
  purpose_hash: Type.String(),
  app: Type.String(),
  guardians: Guardians,
  valid_until: CalendarDate,
  state: Type.Union([Type.Literal('signed'), Type.Literal('delivered'), Type.Literal('rejected')]),
})

const Params = Type.Object({ school: Type.String({ maxLength: 63 }) })
const ParamsWithId = Type.Object({ school: Type.String({ maxLength: 63 }), id: Type.String({ maxLength: 64 }) })

/** A school approves purposes of apps. */
export function registerAgreementRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/agreements',
    { schema: { params: Params, body: Body, response: { 200: Reply, 201: Reply }, tags: ['agreements'] } },
    async (request, reply) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'agreements')
      const { status, body } = await approvePurpose(deps, school, request.body, idempotencyOf(request))
      return reply.code(status as 201).send(body as never)
    },
  )
  app.get(
    '/v1/schools/:school/agreements/:id',
    { schema: { params: ParamsWithId, response: { 200: Reply }, tags: ['agreements'] } },
    async (request) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'agreements')
      return showAgreement(deps, school, request.params.id)
    },
  )
}
