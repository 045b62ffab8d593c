import { type App, bearer } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppParams, BY_APP, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { listMessages } from './list-messages.ts'

const State = Type.Union([Type.Literal('waiting'), Type.Literal('rejected'), Type.Literal('given_up')], {
  description: 'tried again with growing delays; refused for what it says; not answered for two weeks',
})
const List = Type.Object({
  messages: Type.Array(
    Type.Object({
      id: Id,
      state: State,
      created_at: Type.String(),
      purpose: Type.Optional(Id),
      version: Type.Optional(Type.Integer()),
      consent: Type.Optional(Type.String({ ...Id, description: 'of the deletion receipt' })),
    }),
  ),
})

/** What an app has said to its registry and the registry has not taken: nothing is lost without a trace. */
export function registerMessageRoute(app: App, deps: Deps): void {
  app.get(
    '/v1/apps/:app/messages',
    {
      schema: {
        tags: ['messages between nodes'],
        security: BY_APP,
        summary: 'Purposes and deletion receipts that the registry has not taken, newest first, up to a hundred',
        params: AppParams,
        response: replies(200, List),
      },
    },
    async (request) => listMessages(deps, await authenticateApp(deps, bearer(request), request.params.app)),
  )
}
