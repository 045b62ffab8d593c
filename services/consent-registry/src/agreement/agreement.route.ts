import { AGREEMENT_MESSAGE } from '@samen/consent'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { assertMediaType } from '../accept-header.ts'
import type { Deps } from '../deps.ts'
import { messageSchema } from '../message/message-schema.ts'
import { recordAgreement } from './record-agreement.ts'

const Recorded = Type.Object({
  school: Type.String(),
  purpose_id: Type.String(),
  purpose_version: Type.Integer(),
  valid_until: Type.String(),
})

/** `POST /v1/agreements` for schools. */
export function registerAgreementRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/agreements',
    { config: { errorStyle: 'protocol' }, schema: messageSchema(AGREEMENT_MESSAGE.typ, 'Approve a purpose', Recorded) },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/jwt')
      return reply.code(201).send(await recordAgreement(deps, request.body))
    },
  )
}
