import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import { BY_SCHOOL, replies, SchoolAndIdParams, time } from '../api-schema.ts'
import type { Deps } from '../deps.ts'
import { authenticateSchool } from '../school/authenticate-school.ts'
import { revokeCredential } from './revoke-credential.ts'

const Revoked = Type.Object({
  id: Type.String({ examples: ['0cVwYl5xkWmZp7Qd2nR8sA'] }),
  state: Type.Literal('revoked'),
  effective_by: time('from then on no verifier that follows the rules takes one of these copies'),
})

/** `POST /v1/schools/{school}/credentials/{id}/revocation`: takes back all copies of one issuance. */
export function registerRevocationRoute(app: App, deps: Deps): void {
  app.post(
    '/v1/schools/:school/credentials/:id/revocation',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['credentials'],
        security: BY_SCHOOL,
        summary: 'Revoke all copies of one issuance, for good',
        params: SchoolAndIdParams,
        response: replies(200, Revoked, 400),
      },
    },
    async (request, reply) => {
      const caller = await authenticateSchool(deps, bearer(request), request.params.school, 'credentials')
      const { status, body } = await revokeCredential(deps, caller, request.params.id, idempotencyOf(request))
      return reply.code(status as 200).send(body as never)
    },
  )
}
