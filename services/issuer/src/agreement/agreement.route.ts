import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { BY_SCHOOL, replies, SchoolAndIdParams, SchoolParams } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { AgreementOrder, AgreementState } from './agreement-messages.ts'
import { approvePurpose } from './approve-purpose.ts'
import { showAgreement } from './show-agreement.ts'

const tags = ['agreements']
const security = BY_SCHOOL

/** A school approves purposes of apps. */
export function registerAgreementRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/agreements',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags,
        security,
        summary: 'Approve one version of a purpose',
        params: SchoolParams,
        body: AgreementOrder,
        response: { ...replies(201, AgreementState, 400, 409, 422, 503), 200: AgreementState },
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'agreements')
      const { status, body } = await approvePurpose(deps, caller, request.body, idempotencyOf(request))
      return reply.code(status as 201).send(body as never)
    },
  )
  app.get(
    '/v1/schools/:school/agreements/:id',
    {
      schema: {
        tags,
        security,
        summary: 'How an agreement stands',
        params: SchoolAndIdParams,
        response: replies(200, AgreementState),
      },
    },
    async (request) => {
      const { school } = await authenticateSchool(deps, bearer(request), request.params.school, 'agreements')
      return showAgreement(deps, school, request.params.id)
    },
  )
}
