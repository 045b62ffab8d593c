import { DELETION_RECEIPT_MESSAGE } from '@samen/consent'
import { type App, assertMediaType } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Handle, Instant } from '../json-schemas.ts'
import { messageSchema } from '../message/message-schema.ts'
import { recordDeletion } from './record-deletion.ts'

const Received = Type.Object({ handle: Handle, received_at: Instant })

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
