import { Problem } from '@samen/errors'
import {
  type App,
  bearer,
  languageOf,
  readSessionCookie,
  sendPage,
  sendPageLeadingTo,
  setSessionCookie,
} from '@samen/http-kit'
import { Type } from 'typebox'
import type { AppTenant } from '../app-tenant/app-tenant.ts'
import type { Deps } from '../deps.ts'
import { AppAndIdParams, BY_APP, closed, replies } from '../management/api-schema.ts'
import { authenticateApp } from '../management/authenticate-app.ts'
import { assertForm } from '../request/wallet-call.ts'
import { appOfPresentation, type PageView, returnFromWallet, viewPage } from './open-page.ts'
import { pairDevices } from './pair-devices.ts'
import { notReturnedPage, numberPage, otherDevicePage, presentationPage } from './presentation-page.ts'

const Params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) })
const Lang = Type.Optional(Type.String({ maxLength: 2 }))
const Query = Type.Object({ lang: Lang })
const PairingNumber = Type.String({ minLength: 1, maxLength: 16, examples: ['123 456'] })
const SESSION_SECONDS = 900
const COOKIE = 'samen-presentation'
const tags = ['pages']
const config = { errorStyle: 'page' } as const
/** On these pages the number is typed. */
const WITH_FORM: ReadonlySet<PageView['kind']> = new Set(['link', 'number', 'late'])

/** `GET /presentations/{id}`: the request as link and QR code. */
export function registerPresentationPage(app: App, deps: Deps): void {
  const cookie = { mode: deps.mode, name: COOKIE }
  app.get(
    '/presentations/:id',
    {
      exposeHeadRoute: false,
      config,
      schema: { tags, summary: 'QR code and link', params: Params, querystring: Query },
    },
    async (request, reply) => {
      const known = readSessionCookie(request, cookie)
      const session = known ?? newSession(deps)
      const view = await viewPage(deps, request.params.id, session)
      setSessionCookie(reply, cookie, { value: session, maxAgeSeconds: SESSION_SECONDS })
      const text = presentationPage(languageOf(request), view, `${request.params.id}/pairing`)
      return WITH_FORM.has(view.kind) ? sendPageLeadingTo(reply, text, originsOf(view.app)) : sendPage(reply, text)
    },
  )
}

function newSession({ random }: Deps): string {
  return random(16).toString('base64url')
}

/** Where the browser is sent when its number fits: Chromium holds the redirect after a form to the policy of the page with the form. */
function originsOf({ returnUrls }: AppTenant): string[] {
  return returnUrls.map((url) => new URL(url).origin)
}

/** The way back from a wallet: `GET /presentations/{id}/returns/{code}`. */
export function registerReturnRoute(app: App, deps: Deps): void {
  const cookie = { mode: deps.mode, name: COOKIE }
  app.get(
    '/presentations/:id/returns/:code',
    {
      // A HEAD would release and show nothing.
      exposeHeadRoute: false,
      config,
      schema: {
        tags,
        summary: 'Where the wallet sends its browser',
        description:
          'In the browser that began, the result is released to the app. On another device it is not: it shows who would get what, and the number to type where the code was scanned.',
        params: Type.Object({ ...Params.properties, code: Type.String({ minLength: 1, maxLength: 64 }) }),
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { id, code } = request.params
      const lang = languageOf(request)
      const returned = await returnFromWallet(deps, id, { session: readSessionCookie(request, cookie), code })
      if (returned.at === 'nowhere') return sendPage(reply.code(403), notReturnedPage(lang))
      if (returned.at === 'other device') return sendPage(reply, otherDevicePage(lang, returned))
      return reply.redirect(returned.url, 303)
    },
  )
}

/** For a wallet on another device: `POST /presentations/{id}/pairing` by the family, `POST /v1/apps/{app}/presentations/{id}/pairing` by the app. */
export function registerPairingRoutes(app: App, deps: Deps): void {
  const cookie = { mode: deps.mode, name: COOKIE }
  app.post(
    '/presentations/:id/pairing',
    {
      config,
      schema: {
        tags,
        summary: 'Type the number that the other device shows',
        consumes: ['application/x-www-form-urlencoded'],
        params: Params,
        querystring: Query,
        body: Type.Object({ number: PairingNumber }),
      },
    },
    async (request, reply) => {
      assertForm(request.headers['content-type'], request.body)
      const { id } = request.params
      const lang = languageOf(request)
      const tenant = await appOfPresentation(deps, id)
      const session = readSessionCookie(request, cookie)
      const paired =
        session === undefined ? undefined : await pairDevices(deps, tenant, { id, session, ...request.body })
      if (paired?.url !== undefined) return reply.redirect(paired.url, 303)
      const text = numberPage(lang, { app: tenant.name, pairing: 'pairing', why: 'wrong' })
      return sendPageLeadingTo(reply.code(403), text, originsOf(tenant))
    },
  )
  app.get('/presentations/:id/pairing', { config, schema: { hide: true, params: Params } }, async (request, reply) =>
    reply.redirect(`../${encodeURIComponent(request.params.id)}?lang=${languageOf(request)}`, 303),
  )
  app.post(
    '/v1/apps/:app/presentations/:id/pairing',
    {
      schema: {
        tags: ['presentations'],
        security: BY_APP,
        summary: 'Release a result by the number that the wallet’s device shows',
        description:
          'For an app that shows the QR code on a page of its own (no return_url). Five tries. Ask for the number in the very browser session that shows the code: that is what binds the answer to it.',
        params: AppAndIdParams,
        body: closed({ number: PairingNumber }),
        response: replies(204, Type.Null(), 400, 403),
      },
    },
    async (request, reply) => {
      const tenant = await authenticateApp(deps, bearer(request), request.params.app)
      const typed = { id: request.params.id, session: 'page of the app', number: request.body.number } as const
      if ((await pairDevices(deps, tenant, typed)) === undefined)
        throw new Problem(403, 'wrong-number', 'The number does not fit, or the wallet has not answered yet')
      return reply.code(204).send(null)
    },
  )
}
