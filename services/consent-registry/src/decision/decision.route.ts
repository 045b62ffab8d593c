import { notFound } from '@samen/errors'
import { type App, assertMediaType, languageOf, sendPage, wantsPage } from '@samen/http-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Handle, Instant, WalletLink } from '../json-schemas.ts'
import { beginBrowserSession } from '../presentation/browser-session.ts'
import { beginDecision } from './begin-decision.ts'
import { decisionPage } from './decision-page.ts'

const Params = Type.Object({ handle: Type.String({ maxLength: 64 }) })
const Form = Type.Object({ decision: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('withdraw')]) })
const Begun = Type.Object({
  handle: Handle,
  decision: Form.properties.decision,
  authorization_request: WalletLink,
  expires_at: Instant,
})

/** `POST /requests/{handle}/decisions`: a word, to be signed by the wallet. No script, no account. */
export function registerDecisionRoutes(app: App, deps: Deps): void {
  app.post(
    '/requests/:handle/decisions',
    {
      config: { errorStyle: 'page' },
      schema: {
        tags: ['guardians'],
        summary: 'Say yes, say no, or withdraw',
        description:
          'Answers a page, or JSON with the link that opens the wallet. Nothing is decided before the wallet has signed and this browser has confirmed.',
        consumes: ['application/x-www-form-urlencoded'],
        params: Params,
        body: Form,
        response: { 201: Begun },
      },
    },
    async (request, reply) => {
      assertMediaType(request.headers, 'application/x-www-form-urlencoded')
      const begun = await beginDecision(deps, request.params.handle, request.body.decision)
      if (begun === undefined) throw notFound()
      const { authorizationRequest, expiresAt, browserSecret } = begun.presentation
      beginBrowserSession(deps, reply, 'decision', browserSecret)
      if (wantsPage(request.headers)) return sendPage(reply, decisionPage(languageOf(request), begun))
      return reply.code(201).send({
        handle: request.params.handle,
        decision: begun.word,
        authorization_request: authorizationRequest,
        expires_at: expiresAt.toISOString(),
      })
    },
  )
  // The language links of the page above lead here; the question is asked again in the other language.
  app.get(
    '/requests/:handle/decisions',
    { config: { errorStyle: 'page' }, schema: { hide: true, params: Params } },
    async (request, reply) =>
      reply.redirect(`../${encodeURIComponent(request.params.handle)}?lang=${languageOf(request)}`, 303),
  )
}
