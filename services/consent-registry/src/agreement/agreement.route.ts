import { AGREEMENT_MESSAGE } from '@samen/consent'
import { type App, assertMediaType } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Day, EntityId, Handle } from '../json-schemas.ts'
import { messageSchema } from '../message/message-schema.ts'
import { recordAgreement } from './record-agreement.ts'

const Recorded = Type.Object({
  school: EntityId,
  purpose_id: Handle,
  purpose_version: Type.Integer({ examples: [1] }),
  valid_until: Day,
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
