import { type App, bearer } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, BY_APP, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { readResult } from './read-result.ts'

const Reply = Type.Object(
  {
    state: Type.Union([
      Type.Literal('requested'),
      Type.Literal('consent_required'),
      Type.Literal('verified'),
      Type.Literal('refused'),
      Type.Literal('expired'),
    ]),
    claims: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    pseudonym: Type.Optional(Type.String({ description: 'of the child, for this app only' })),
  },
  { examples: [{ state: 'verified', claims: { year_group: 7, age_over_12: false }, pseudonym: 'mVb1…' }] },
)

/** What became of a presentation. */
export function registerResultRoutes(app: App, deps: Deps): void {
  app.get(
    '/v1/apps/:app/presentations/:id',
    {
      // A HEAD would take the claims and show none.
      exposeHeadRoute: false,
      schema: {
        tags: ['presentations'],
        security: BY_APP,
        summary: 'State of a presentation; the claims once',
        description:
          'Claims are in the first answer that says verified, no later than five minutes after the wallet answered; from then on it says expired, read or not.',
        params: AppAndIdParams,
        querystring: Type.Object({
          result_code: Type.Optional(
            Type.String({ maxLength: 64, description: 'as it came to return_url; needed when one was given' }),
          ),
        }),
        response: replies(200, Reply),
      },
    },
    async (request) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      return readResult(deps, tenant, { id: request.params.id, code: request.query.result_code })
    },
  )
}
