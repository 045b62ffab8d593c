import { DELETION_RECEIPT_MESSAGE } from '@samen/consent'
import type { App } from '@samen/http-kit'
import { Type } from 'typebox'
import { assertMediaType } from '../accept-header.ts'
import type { Deps } from '../deps.ts'
import { messageSchema } from '../message/message-schema.ts'
import { recordDeletion } from './record-deletion.ts'

const Received = Type.Object({ handle: Type.String(), received_at: Type.String() })

/** `POST /v1/deletion-receipts` for apps. */
export function registerDeletionRoutes(app: App, deps: Deps): void {
  app.post(
    '/v1/deletion-receipts',
    {
      config: { errorStyle: 'protocol' },
      schema: messageSchema(DELETION_RECEIPT_MESSAGE.typ, 'Confirm a deletion', Received),
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/jwt')
      return reply.code(201).send(await recordDeletion(deps, request.body))
    },
  )
}
