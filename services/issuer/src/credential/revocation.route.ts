import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { revokeCredential } from './revoke-credential.ts'

const Params = Type.Object({ school: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) })
const Revoked = Type.Object({
  id: Type.String(),
  state: Type.Literal('revoked'),
  effective_by: Type.String({ format: 'date-time', description: 'from then on no verifier relies on an older list' }),
})

/** `POST /v1/schools/{school}/credentials/{id}/revocation`: takes back all copies of one issuance. */
export function registerRevocationRoute(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/credentials/:id/revocation',
    { schema: { params: Params, response: { 200: Revoked }, tags: ['credentials'], summary: 'Revoke issued copies' } },
    async (request, reply) => {
      const school = await authenticateSchool(deps, bearer(request), request.params.school, 'credentials')
      const { status, body } = await revokeCredential(deps, school, request.params.id, idempotencyOf(request))
      return reply.code(status as 200).send(body as never)
    },
  )
}
