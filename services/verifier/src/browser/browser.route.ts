import { type App, languageOf, readSessionCookie, sendPage, setSessionCookie } from '@samen/http-kit'
import { newSecret } from '@samen/sealing'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { returnToApp, viewPage } from './open-page.ts'
import { notReturnedPage, presentationPage } from './presentation-page.ts'

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })
const Lang = Type.Optional(Type.String({ maxLength: 2 }))
const SESSION_SECONDS = 900

/** Pages for the family: the request as QR code and link, and the way back from a wallet on the same device. */
export function registerBrowserRoutes(app: App, deps: Deps): void {
  const cookie = { mode: deps.mode, name: 'samen-presentation' }
  app.get(
    '/presentations/:id',
    {
      exposeHeadRoute: false,
      config: { errorStyle: 'page' },
      schema: {
        tags: ['pages'],
        summary: 'QR code and link',
        params: Params,
        querystring: Type.Object({ lang: Lang }),
      },
    },
    async (request, reply) => {
      const known = readSessionCookie(request, cookie)
      const session = known ?? newSecret(16)
      const view = await viewPage(deps, request.params.id, session)
      if (known === undefined) setSessionCookie(reply, cookie, { value: session, maxAgeSeconds: SESSION_SECONDS })
      return sendPage(reply, presentationPage(languageOf(request), view))
    },
  )
  app.get(
    '/presentations/:id/return',
    {
      exposeHeadRoute: false,
      config: { errorStyle: 'page' },
      schema: {
        tags: ['pages'],
        summary: 'Back from a wallet on the same device',
        params: Params,
        querystring: Type.Object({ response_code: Type.String({ minLength: 1, maxLength: 64 }), lang: Lang }),
      },
    },
    async (request, reply) => {
      const back = { session: readSessionCookie(request, cookie), code: request.query.response_code }
      const url = await returnToApp(deps, request.params.id, back)
      if (url === undefined) return sendPage(reply.code(403), notReturnedPage(languageOf(request)))
      return reply.redirect(url, 303)
    },
  )
}
