import { type App, bearer, idempotencyOf } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, AppParams, BY_APP, Id, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { confirmDeletion } from './confirm-deletion.ts'
import { listDeletions } from './list-deletions.ts'

const Duty = Type.Object({
  id: Id,
  consent: Type.String({ ...Id, description: 'the handle of the consent that ended' }),
  delete_by: Type.String({ examples: ['2026-10-01'] }),
  confirmed_at: Type.Union([Type.String(), Type.Null()]),
})

const Page = Type.Object({
  deletions: Type.Array(Duty),
  next: Type.Union([Type.String({ description: 'cursor of the next page' }), Type.Null()]),
})

/** What an app has to delete when a consent has ended, and its word that it did. */
export function registerDeletionRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/apps/:app/deletions',
    {
      schema: {
        tags: ['deletions'],
        security: BY_APP,
        summary: 'What has to be deleted, oldest first',
        params: AppParams,
        querystring: Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: replies(200, Page, 400),
      },
    },
    async (request) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      return listDeletions(deps, tenant, request.query.cursor)
    },
  )
  app.post(
    '/v1/apps/:app/deletions/:id/confirmation',
    {
      config: { takesIdempotencyKey: true },
      schema: {
        tags: ['deletions'],
        security: BY_APP,
        summary: 'Confirm a deletion; a signed receipt goes to the registry',
        params: AppAndIdParams,
        response: replies(200, Duty),
      },
    },
    async (request) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      return (await confirmDeletion(deps, tenant, request.params.id, idempotencyOf(request))).body as never
    },
  )
}
